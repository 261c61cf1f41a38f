#include <mailpod/queue/error.hpp>
#include <mailpod/queue/policies.hpp>

/// How the file of MTA-STS policies says what it says. docs/queue-format.md.
namespace mailpod::queue {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t longest_name = 255;  // octets; a pattern has two more than a name at the most

bool take(base::Decoder& in, RememberedPolicy& one) {
  one.domain = in.var();
  one.id = in.var();
  one.fetched = base::from_micros(in.u64());
  const std::uint8_t mode = in.u8();
  one.policy.max_age = std::chrono::seconds(in.u32());
  const std::uint32_t hosts = in.u32();
  if (mode > static_cast<std::uint8_t>(mailauth::StsMode::enforce) || hosts > mailauth::StsLimits().hosts) return false;
  one.policy.mode = static_cast<mailauth::StsMode>(mode);
  for (std::uint32_t i = 0; i < hosts && in.ok(); ++i) {
    one.policy.mx.emplace_back(in.var());
    if (one.policy.mx.back().size() > longest_name) return false;
  }
  return in.ok() && !one.domain.empty() && one.domain.size() <= longest_name;
}

}  // namespace

std::string encode(const std::vector<RememberedPolicy>& list) {
  base::Encoder out;
  out.u8(version);
  for (const RememberedPolicy& one : list) {
    out.var(one.domain).var(one.id).u64(base::to_micros(one.fetched));
    out.u8(static_cast<std::uint8_t>(one.policy.mode)).u32(static_cast<std::uint32_t>(one.policy.max_age.count()));
    out.u32(static_cast<std::uint32_t>(one.policy.mx.size()));
    for (const std::string& host : one.policy.mx) out.var(host);
  }
  return out.take();
}

Result<std::vector<RememberedPolicy>> decode_policies(std::string_view octets) {
  base::Decoder in(octets);
  if (in.u8() != version) return octets.empty() ? Errc::damaged : Errc::unknown_version;
  std::vector<RememberedPolicy> list;
  while (!in.at_end()) {
    RememberedPolicy one;
    if (!take(in, one) || list.size() >= PoliciesLimits().policies) return Errc::damaged;
    if (!list.empty() && one.domain <= list.back().domain) return Errc::damaged;
    list.push_back(std::move(one));
  }
  if (!in.ok()) return Errc::damaged;
  return list;
}

}  // namespace mailpod::queue
