#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/text/cursor.hpp>

/// What a domain asks of those who send it mail: TLS, with the hosts that it names. RFC 8461.
namespace mailpod::mailauth {

/// The TXT record at `_mta-sts.` and the domain, which says that there is a policy, and which one. RFC 8461 §3.1.
struct StsRecord {
  std::string id;  ///< 1 to 32 letters and digits; another one: another policy
};
/// Whether a TXT record says that it is one.
bool is_sts_record(std::string_view text);
/// Fields that are not known are passed over.
text::Parsed<StsRecord> parse_sts_record(std::string_view text);

/// Stored: never renumber.
enum class StsMode : unsigned char { none = 0, testing = 1, enforce = 2 };
std::string_view name_of(StsMode mode);

/// The policy itself, as the domain's web server has it. RFC 8461 §3.2.
struct StsPolicy {
  StsMode mode = StsMode::none;
  std::chrono::seconds max_age{0};  ///< how long it holds, from when it was fetched; a year and a few hours at most
  std::vector<std::string> mx;      ///< names, or `*.` and a name; lower case. Not empty unless the mode is none
  friend bool operator==(const StsPolicy&, const StsPolicy&) = default;
};

struct StsLimits {
  std::size_t octets = 64 * 1024;  ///< of a policy; RFC 8461 §3.3
  std::size_t hosts = 256;         ///< a domain with more has a pattern for them
};
/// What cannot be read takes nothing from the rest, unless it is one of the four fields: of a name that stands twice
/// the first counts, but each `mx` does.
text::Parsed<StsPolicy> parse_sts_policy(std::string_view octets, const StsLimits& limits = {});

/// Whether the policy names this host: `*` stands for exactly one label, the first. RFC 8461 §4.1.
bool lists(const StsPolicy& policy, std::string_view host);

}  // namespace mailpod::mailauth
