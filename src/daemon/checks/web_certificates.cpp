#include <algorithm>

#include "../certificate.hpp"
#include "checks.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::uint64_t largest = 1024 * 1024;  // octets

std::vector<std::string> certificates_of(const Surroundings& pod) {
  std::vector<std::string> all;
  for (const auto& file : pod.configuration.certificates) {
    const auto path = pod.folder.at(file);
    if (pod.machine.disk.status(path)) all.push_back(base::read_file(pod.machine.disk, path, largest));
  }
  return all;
}

}  // namespace

void check_web_certificates(Findings& findings, const Surroundings& pod, const std::vector<std::string>& domains) {
  if (pod.configuration.https.port == 0) return;
  const auto certificates = certificates_of(pod);
  const bool has_policy = pod.configuration.web.mta_sts != web::Settings::MtaSts::none;
  std::vector<std::string> names;
  for (const auto& domain : domains) {
    if (has_policy) names.push_back("mta-sts." + domain);
    names.push_back("autoconfig." + domain);
  }
  for (const auto& name : names) {
    const bool named = std::ranges::any_of(certificates, [&](const std::string& pem) { return is_for(pem, name); });
    if (named) {
      findings.ok("a certificate is for " + name);
    } else {
      findings.note("no certificate is for " + name, name.starts_with("mta-sts.")
                                                         ? "get one: other servers believe no MTA-STS policy without, "
                                                           "or set web.mta_sts = \"none\""
                                                         : "get one, or mail programs are told the servers by hand");
    }
  }
}

}  // namespace mailpod::daemon
