#pragma once

#include <cstdint>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/signatures.hpp>
#include <mailpod/members/address.hpp>

namespace mailpod::members {

/// What the directory keeps of one who left, for as long as their addresses rest: no address, only hashes, so that
/// nobody else is given one of them too soon.
struct Departure {
  enum class Progress : std::uint8_t {
    leaving = 1,  ///< decided; what they had may still lie there
    gone = 2,
  };  // stored: never renumber
  enum class Reason : std::uint8_t { own_wish = 1, act = 2 };  // stored: never renumber
  MemberId member;
  Progress progress = Progress::leaving;
  Reason reason = Reason::own_wish;
  base::Time at;                            ///< whole seconds
  governance::Hash act{};                   ///< identity; zeros for one's own wish
  std::uint32_t slots = 0;                  ///< destroyed
  std::uint64_t messages = 0;               ///< destroyed, sealed files
  std::uint64_t octets = 0;                 ///< of these
  base::ByteArray<32> salt{};               ///< of the hashes
  std::vector<governance::Hash> addresses;  ///< SHA-256(salt ‖ Address::key())

  bool had(const Address& address) const;
  friend bool operator==(const Departure&, const Departure&) = default;
};

/// So long nobody is given an address that somebody left: long enough for senders and mailing lists to hear that it is
/// nobody's.
inline constexpr std::chrono::days address_rests{30};

}  // namespace mailpod::members
