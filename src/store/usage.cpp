#include <mailpod/store/usage.hpp>

#include <algorithm>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {
namespace {

/// Charters' limits end at 2⁴⁴ octets, so that this never overflows where it counts.
std::uint64_t percent(std::uint64_t used, std::uint64_t limit) {
  constexpr std::uint64_t most = std::uint64_t{1} << 56;
  return limit == 0 ? 0 : std::min(used, most) * 100 / limit;
}

}  // namespace

Usage& Usage::operator+=(const Usage& more) {
  octets += more.octets;
  messages += more.messages;
  return *this;
}

Usage& Usage::operator-=(const Usage& less) {
  octets -= std::min(octets, less.octets);
  messages -= std::min(messages, less.messages);
  return *this;
}

bool Quota::fits(const Usage& usage) const {
  return (octets == 0 || usage.octets <= octets) && (messages == 0 || usage.messages <= messages);
}

std::uint64_t Quota::percent_of(const Usage& usage) const {
  return std::max(percent(usage.octets, octets), percent(usage.messages, messages));
}

Usage usage_of(const VaultState& state) {
  Usage usage;
  for (const auto& mailbox : state.mailboxes) usage += {mailbox->octets, mailbox->count};
  return usage;
}

}  // namespace mailpod::store
