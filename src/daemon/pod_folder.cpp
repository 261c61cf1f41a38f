#include "pod_folder.hpp"

#include <cstdlib>

#include <unistd.h>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::string_view credential = "credential:";

}  // namespace

bool PodFolder::is_credential(std::string_view configured) {
  return configured.starts_with(credential);
}

std::string PodFolder::at(const std::string& configured) const {
  if (is_credential(configured)) {
    // Outside of the service there are none; the path then says what is missing.
    const char* given = std::getenv("CREDENTIALS_DIRECTORY");
    return base::join(given != nullptr ? given : "$CREDENTIALS_DIRECTORY", configured.substr(credential.size()));
  }
  return configured.starts_with('/') ? configured : in(configured);
}

governance::Verdict<void> check_owner(base::Disk& disk, const PodFolder& folder) {
  const auto status = disk.status(folder.directory());  // not folder.path: that may be a symbolic link
  if (!status || status->owner == ::geteuid()) return {};
  return Complaint{Errc::bad_value, folder.path, 0,
                   "the pod belongs to user " + std::to_string(status->owner) + ", you are user " +
                       std::to_string(::geteuid()) + ", and no daemon runs that would do it for you",
                   "run the command as the pod's user (`runuser -u USER -- mailpod …`), or start the daemon first"};
}

}  // namespace mailpod::daemon
