#include <algorithm>

#include "../operation.hpp"

namespace mailpod::admin {

/// What each part of the daemon says, within seconds, whatever hangs.
Answer health(const Premises& premises, const json&) {
  if (premises.daemon == nullptr) return no_daemon();
  const auto findings = premises.daemon->health();
  json parts = json::object();
  for (const auto& finding : findings) parts[finding.part] = finding.trouble.empty() ? "well" : finding.trouble;
  const bool well =
      std::ranges::all_of(findings, [](const Daemon::Finding& finding) { return finding.trouble.empty(); });
  return json{{"well", well}, {"parts", std::move(parts)}};
}

}  // namespace mailpod::admin
