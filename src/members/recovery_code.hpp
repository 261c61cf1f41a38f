#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/members/enrolment.hpp>

/// Recovery codes: 160 random bits in Crockford's base 32, in groups, with his check character. They lie in a drawer.
namespace mailpod::members {

/// A code, and the slot that it opens, which is not written yet.
struct NewRecoveryCode {
  std::string text;  ///< the caller wipes it
  Slot slot;
};
NewRecoveryCode make_recovery_code(const Household& house, MemberId member, const crypto::Key& vault_key);

/// The 20 octets of a typed code; nothing unless its check character fits. The caller wipes them.
std::optional<std::string> parse_recovery_code(std::string_view typed);
/// As many characters as a code has, all of its alphabet, but the check character does not fit.
bool is_mistyped_recovery_code(std::string_view typed);

}  // namespace mailpod::members
