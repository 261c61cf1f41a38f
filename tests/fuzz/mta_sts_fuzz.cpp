#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/mailauth/mta_sts.hpp>

using namespace mailpod::mailauth;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Any octets as an MTA-STS record and as a policy. What is read keeps within what is written of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto record = parse_sts_record(octets)) {
    require(is_sts_record(octets) && !record->id.empty() && record->id.size() <= 32);
  }
  const auto policy = parse_sts_policy(octets);
  if (!policy) return 0;
  require(policy->mode == StsMode::none || !policy->mx.empty());
  require(policy->max_age.count() >= 0 && policy->max_age.count() <= 31'557'600);
  for (const std::string& pattern : policy->mx) {
    require(pattern.size() <= 255);
    // A name lists itself, and a pattern one label, never two and never none.
    const bool any = pattern.starts_with("*.");
    const std::string rest = any ? pattern.substr(2) : pattern;
    const StsPolicy alone{StsMode::enforce, policy->max_age, {pattern}};
    require(lists(alone, any ? "a." + rest : rest));
    require(!any || (!lists(alone, rest) && !lists(alone, "a.b." + rest)));
  }
  return 0;
}
