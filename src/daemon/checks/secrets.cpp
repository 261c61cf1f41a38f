#include "checks.hpp"

namespace mailpod::daemon {
namespace {

void check_secret(Findings& findings, base::Disk& disk, const std::string& path, std::uint32_t owner) {
  const auto status = disk.status(path);
  if (!status) return findings.fault(path + ": it is not there", "bring it back from where you keep the copy");
  if ((status->mode & 077U) != 0)
    return findings.fault(path + ": others may read it", "chmod go= it, and consider who may have read it");
  if (status->owner != owner)
    return findings.fault(
        path + ": it belongs to user " + std::to_string(status->owner) + ", the pod to user " + std::to_string(owner),
        "chown it to the pod's user");
}

}  // namespace

void check_secrets(Findings& findings, const Surroundings& pod) {
  auto& disk = pod.machine.disk;
  const auto folder = disk.status(pod.folder.directory());
  if (!folder) return findings.fault(pod.folder.directory() + ": it is not there", "restore the pod's folder");
  const auto before = findings.all().size();
  for (const auto& path : {pod.folder.pod_key(), pod.folder.directory(), pod.folder.members(), pod.folder.queue()})
    check_secret(findings, disk, path, folder->owner);
  const auto& configuration = pod.configuration;
  const auto is_credential = PodFolder::is_credential;
  for (const auto& key : configuration.keys) {
    if (!is_credential(key)) check_secret(findings, disk, pod.folder.at(key), folder->owner);
  }
  if (!is_credential(configuration.server_key))
    check_secret(findings, disk, pod.folder.at(configuration.server_key), folder->owner);
  if (findings.all().size() == before) findings.ok("the secrets are their owner's alone");

  const auto path = pod.folder.at(configuration.server_key);
  if (path.starts_with(pod.folder.path + "/")) {
    findings.note(path + ": the server key lies beside the data it seals",
                  "who steals this disk reads the pod's addresses and queued mail; see pod.server_key");
  } else {
    findings.ok("the server key lies elsewhere");
  }
}

}  // namespace mailpod::daemon
