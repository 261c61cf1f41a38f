#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// What one member says of a newcomer, where one joins by vouches. Signed by the member's citizen key. docs/joining.md.
struct Vouch {
  enum class Kind {
    invite,    ///< whoever holds the invitation's secret may ask to join, and has this vouch
    vouch,     ///< for a candidate
    object,    ///< to a candidate
    withdraw,  ///< what the member said before, for or against
  };
  Kind kind = Kind::vouch;
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter in force
  base::ByteArray<16> nonce{};
  base::Time issued;                 ///< good for a day
  MemberId by;                       ///< who says it
  std::optional<MemberId> newcomer;  ///< all but invite
  std::optional<Hash> invitation;    ///< invite: invitation_commitment
  std::optional<base::Time> until;   ///< invite: at most longest_invitation after `issued`
  std::string reason;                ///< object; one line of at most 500 octets, never an address
  friend bool operator==(const Vouch&, const Vouch&) = default;
};
inline constexpr std::chrono::days vouch_validity{1};

/// The exact octets to sign. parse_vouch(write_vouch(v)) == v, and a vouch has no other octets than these.
std::string write_vouch(const Vouch& vouch);
Verdict<Vouch> parse_vouch(std::string_view octets, std::string_view file_name);

/// The entry by which a candidate becomes a member. Nobody signs it: that the rules are met, and the time has passed,
/// is found out by whoever reads the record up to it.
struct Confirmation {
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter in force
  MemberId newcomer;
  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};
std::string write_confirmation(const Confirmation& confirmation);
Verdict<Confirmation> parse_confirmation(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
