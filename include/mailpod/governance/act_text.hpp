#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// A text that an act commits to and that only those concerned get: an announcement, what a dispute is about, an
/// answer, a decision. docs/care.md, "Texts".
struct ActText {
  std::string subject;            ///< one line
  std::string body;               ///< lines of at most 900 octets, each with its LF; may be empty
  std::vector<MemberId> parties;  ///< of a dispute's opening: whom it concerns, ascending; else empty
  base::ByteArray<32> salt{};     ///< so that nobody finds a short text by trying
  friend bool operator==(const ActText&, const ActText&) = default;
};

inline constexpr std::size_t largest_act_text = 48 * 1024;  ///< octets
inline constexpr std::size_t most_parties = 32;

/// The exact octets that an act's `text_commitment` is the SHA-256 of; parse_act_text(write_act_text(t)) == t, and a
/// text has no other octets than these.
std::string write_act_text(const ActText& text);
/// Errors: text_malformed.
Verdict<ActText> parse_act_text(std::string_view octets, std::string_view file_name);

}  // namespace mailpod::governance
