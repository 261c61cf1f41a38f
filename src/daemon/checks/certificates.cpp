#include <mailpod/net/tls.hpp>

#include "../certificate.hpp"
#include "../terms.hpp"
#include "checks.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::uint64_t largest = 1024 * 1024;  // octets
constexpr std::chrono::days soon{14};

void check_time(Findings& findings, const std::string& path, const std::string& pem, base::Time now) {
  const auto expiry = expiry_of(pem);
  if (!expiry) return findings.fault(path + ": this is no PEM certificate", "see [tls]");
  if (*expiry <= now) return findings.fault(path + ": the certificate has expired", "renew it, then `mailpod reload`");
  if (*expiry <= now + soon)
    return findings.note(path + ": the certificate expires within 14 days", "renew it, then `mailpod reload`");
  findings.ok(path + " is valid");
}

}  // namespace

void check_certificates(Findings& findings, const Surroundings& pod) {
  auto& disk = pod.machine.disk;
  bool names_us = false;
  for (const auto& file : pod.configuration.certificates) {
    const auto path = pod.folder.at(file);
    if (!disk.status(path)) {
      findings.fault(path + ": there is no certificate", "see [tls]");
      continue;
    }
    const auto pem = base::read_file(disk, path, largest);
    check_time(findings, path, pem, pod.machine.clock.now());
    names_us = names_us || is_for(pem, pod.configuration.name());
    if (is_self_signed(pem))
      findings.note(path + ": the certificate is signed by itself, and mail clients warn of it",
                    "get one from a public authority");
  }
  if (!names_us)
    findings.note("no certificate is for " + pod.configuration.name(), "get one for that name, or set pod.host_name");
  try {
    net::TlsContext::load(disk, certificates(pod.folder, pod.configuration));
    findings.ok("certificates and keys belong together");
  } catch (const std::system_error& failure) {
    findings.fault(failure.what(), "see [tls]");
  }
}

}  // namespace mailpod::daemon
