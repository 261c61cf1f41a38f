#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/charter.hpp>

namespace mailpod::governance {

/// The file that opens a vote, signed by the charter's threshold. docs/votes.md, "Opening".
struct Vote {
  enum class Kind {
    election,   ///< of maintainers
    amendment,  ///< whether exactly one charter file may become the next
    expulsion,  ///< whether a member may be expelled
  };
  struct Candidate {
    std::string option;  ///< what ballots call them: is_option
    std::string name;
    crypto::minisign::PublicKey key;  ///< what they would sign with
    std::optional<MemberId> member;
    friend bool operator==(const Candidate&, const Candidate&) = default;
  };
  Kind kind = Kind::election;
  std::string pod;
  std::uint64_t charter = 1;  ///< seq of the charter it is opened under
  base::ByteArray<16> nonce{};
  base::Time issued, closes;
  std::string title;                  ///< for people; one line, at most 200 octets
  std::uint32_t seats = 0;            ///< election: how many are elected, at most; else 0
  std::optional<base::Time> term_to;  ///< election: until when; else absent
  std::vector<Candidate> candidates;  ///< election: 1–64, options and keys distinct; else empty
  std::optional<Hash> amendment;      ///< amendment: identity of the charter file; else absent
  std::optional<MemberId> member;     ///< expulsion: who; else absent
  friend bool operator==(const Vote&, const Vote&) = default;
};

/// The option that stands in every ranking: whoever is not ranked above it is not wanted.
inline constexpr std::string_view no_candidate = "none";
inline constexpr std::size_t most_candidates = 64;
/// The longest a vote may be open, and an elected maintainer be in office.
inline constexpr std::chrono::days longest_vote{90};
inline constexpr std::chrono::days longest_term{4 * 366};

/// 1–32 lower-case letters, digits and hyphens; not `none`.
bool is_option(std::string_view text);

/// The exact octets to sign. parse_vote(write_vote(v)) == v, and a vote has no other octets than these.
std::string write_vote(const Vote& vote);
Verdict<Vote> parse_vote(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
