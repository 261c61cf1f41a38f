#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// A group of the pod, for ever.
using GroupId = base::ByteArray<16>;

/// A dispute, for ever.
using DisputeId = base::ByteArray<16>;

/// How a dispute ended.
enum class DisputeOutcome : std::uint8_t { upheld, dismissed, settled, withdrawn };

enum class Principal : std::uint8_t { member = 1, guest = 2 };  ///< stored: never renumber

/// One change of membership, signed by maintainers. docs/charter-format.md, "Acts".
struct Act {
  enum class Kind {
    admit,      ///< threshold
    suspend,    ///< threshold: at most the charter's suspension_days; fewer: at most 24 hours
    reinstate,  ///< threshold
    reissue,    ///< threshold: a new enrolment code; only before enrolment
    add_alias,  ///< threshold: a further address of a member
    remove_alias,
    add_domain,  ///< threshold: a further domain of the pod
    remove_domain,
    set_group,  ///< threshold: a group is as the commitment says, from now on
    remove_group,
    expel,      ///< threshold, and where the charter does not leave it to that, a vote: no member any more, for good
    set_quota,  ///< threshold: what a member may keep, where it is not what the charter says
    set_citizen_key,      ///< threshold: by which key a member votes and vouches, from now on
    invite,               ///< threshold, where one joins by invitation: whoever holds the invitation's secret may join
    withdraw_invitation,  ///< threshold: one that was not used is good for nothing any more
    federate,             ///< threshold: mail is exchanged with a domain, whatever the charter in force says of it
    defederate,           ///< threshold: and with this one none is
    dispute_open,         ///< any maintainer: a dispute is heard from now on; docs/care.md
    dispute_answer,       ///< any maintainer: somebody concerned has answered
    dispute_close,        ///< threshold: not before an answer, or the time for one is over
    announce,             ///< threshold: a text goes to everybody
    upgrade,              ///< threshold: which program the maintainers agree to run
  };
  Kind kind = Kind::admit;
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter it is made under
  base::ByteArray<16> nonce{};
  base::Time issued, expires;              ///< at most 30 days apart
  MemberId member;                         ///< whom it is about; zero in an act about a domain or a group
  std::string domain;                      ///< what it is about, in an act about a domain; else empty
  std::optional<Principal> principal;      ///< admit: required; else absent
  std::optional<Hash> address_commitment;  ///< admit and aliases: required; else absent
  std::optional<GroupId> group;            ///< set-group, remove-group: required; else absent
  std::optional<Hash> group_commitment;    ///< set-group: required; else absent
  std::uint32_t quota_mib = 0;             ///< set-quota; 0: the charter's
  std::uint32_t quota_messages = 0;        ///< set-quota; 0: the charter's
  std::optional<crypto::minisign::PublicKey> citizen_key;  ///< set-citizen-key: required; else absent
  std::optional<Hash> invitation;         ///< those about an invitation: invitation_commitment; else absent
  std::optional<base::Time> until;        ///< suspend, invite, dispute-open: required; else absent
  std::optional<DisputeId> dispute;       ///< those about a dispute: required; else absent
  std::optional<Hash> text_commitment;    ///< those with a text: of an ActText, whole; else absent
  std::optional<DisputeOutcome> outcome;  ///< dispute-close: required; else absent
  std::string version;                    ///< upgrade: as the program says it; else empty
  std::optional<Hash> program;            ///< upgrade: SHA-256 of its file; else absent
  std::string reason;                     ///< for people; at most 500 octets, one line; never an address
  friend bool operator==(const Act&, const Act&) = default;
};

/// The most that a charter or act can say of a quota.
inline constexpr std::uint32_t most_quota_mib = 16'777'216;
inline constexpr std::uint32_t most_quota_messages = 1'000'000'000;
inline constexpr std::chrono::days longest_act_validity{30};
inline constexpr std::chrono::hours protective_suspension{24};
/// The longest an invitation may wait for its newcomer, from the act's `issued` on.
inline constexpr std::chrono::days longest_invitation{90};
/// The longest somebody may take to answer a dispute, from the act's `issued` on.
inline constexpr std::chrono::days longest_hearing{90};
/// By how much a signer's clock may run ahead.
inline constexpr std::chrono::minutes clock_tolerance{5};

/// SHA-256(salt ‖ address). The salt lies in the sealed directory and is told to the member.
Hash address_commitment(const base::ByteArray<32>& salt, std::string_view address);

/// As acts spell it.
std::string_view name_of(Act::Kind kind);
std::string_view name_of(DisputeOutcome outcome);
/// Nothing if no kind of act is called so.
std::optional<Act::Kind> act_kind(std::string_view name);
std::optional<DisputeOutcome> dispute_outcome(std::string_view name);

/// The exact octets to sign. parse_act(write_act(a)) == a, and an act has no other octets than these.
std::string write_act(const Act& act);
Verdict<Act> parse_act(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
