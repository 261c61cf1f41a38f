#include "charter_templates.hpp"

#include <algorithm>

#include "embedded_templates.hpp"

namespace mailpod::daemon {

governance::Verdict<governance::Charter> charter_template(base::Disk& disk, const std::string& name_or_path) {
  for (const auto& [name, octets] : embedded_templates) {
    if (name == name_or_path) return governance::parse_charter(octets, name_or_path + ".toml");
  }
  if (name_or_path.empty() || !disk.status(name_or_path)) {
    std::string names;
    for (const auto& [name, octets] : embedded_templates) names += (names.empty() ? "" : ", ") + std::string(name);
    return governance::Complaint{governance::Errc::missing_key, name_or_path, 0,
                                 "there is neither a template nor a file of this name",
                                 "--template takes a charter's file, or one of: " + names};
  }
  return governance::parse_charter(base::read_file(disk, name_or_path, governance::largest_signed_file), name_or_path);
}

bool holds_a_place(const crypto::minisign::PublicKey& key) {
  return std::ranges::any_of(embedded_templates, [&](const auto& named) {
    const auto charter = governance::parse_charter(named.second, named.first);
    return charter.has_value() &&
           std::ranges::find(charter->maintainers, key, &governance::Maintainer::key) != charter->maintainers.end();
  });
}

void adopt_rules(governance::Charter& into, const governance::Charter& from) {
  into.members = from.members;
  into.votes = from.votes;
  into.recovery = from.recovery;
  into.privacy = from.privacy;
  into.federation.policy = from.federation.policy;
  into.authentication = from.authentication;
  into.limits = from.limits;
  into.text = from.text;
}

}  // namespace mailpod::daemon
