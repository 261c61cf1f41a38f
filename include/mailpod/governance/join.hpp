#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/member_id.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// A newcomer's own file: they accept the charter in force and come in by its rule for joining. Signed by their citizen
/// key and, where they hold an invitation, by its key. docs/joining.md.
struct Join {
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter in force
  Hash accepts{};             ///< the identity of that charter: what the newcomer read
  base::Time issued;          ///< a join is good for a day
  MemberId member;            ///< drawn by the newcomer
  Hash address_commitment{};
  crypto::minisign::PublicKey citizen_key;
  std::optional<crypto::minisign::PublicKey> invitation;  ///< its key, to which the invitation commits
  friend bool operator==(const Join&, const Join&) = default;
};
inline constexpr std::chrono::days join_validity{1};

/// The exact octets to sign. parse_join(write_join(j)) == j, and a join has no other octets than these.
std::string write_join(const Join& join);
Verdict<Join> parse_join(std::string_view octets, std::string_view file_name);

/// The join that a file is, if exactly the keys that it names signed it: whoever made it holds their secrets. No rule
/// of a charter is asked. Pure; any thread. Errors: those of signatures and parse_join.
Verdict<Join> read_join(const SignedFile& file, const SignaturesSeen* seen = nullptr);

/// What an invitation's secret is: 16 random octets, of which all else follows.
using InvitationSecret = base::ByteArray<16>;
/// The key that signs for whoever holds the secret.
crypto::minisign::SecretKey invitation_key(crypto::KeyArena& arena, const InvitationSecret& secret);
/// What stands in the record: SHA-256 of the key's 56 characters. It tells nothing of key or secret.
Hash invitation_commitment(const crypto::minisign::PublicKey& key);

/// What a newcomer draws from their own secrets and not by lot: so the same newcomer, who tries again after anything
/// failed, is the same member, and nobody else can be.
struct Drawn {
  MemberId member;
  base::ByteArray<32> salt{};  ///< of the address commitment
  base::ByteArray<16> code{};  ///< of their enrolment; the caller wipes it
};
Drawn draw(const crypto::minisign::SecretKey& citizen_key, const std::optional<InvitationSecret>& invitation,
           std::string_view pod);

}  // namespace mailpod::governance
