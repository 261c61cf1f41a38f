#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::text {

/// Well-formed as RFC 3629 §4 defines: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view octets);

/// Every malformed sequence replaced by U+FFFD. Linear.
std::string repaired_utf8(std::string_view octets);

/// At most `limit` octets from the beginning, never cutting a character.
std::string_view utf8_prefix(std::string_view utf8, std::size_t limit);

/// Whether to_utf8 knows a charset of this name (RFC 2978), without regard to case. IMAP SEARCH answers BADCHARSET if
/// not.
bool knows_charset(std::string_view charset);

/// `octets` in `charset` (its MIME name) as UTF-8; what cannot be converted becomes U+FFFD. Nothing if the charset is
/// unknown. `us-ascii` with octets beyond is read as UTF-8 if it is that, else as windows-1252: so mail is. Linear.
std::optional<std::string> to_utf8(std::string_view charset, std::string_view octets);

/// The form in which SEARCH compares (RFC 9051 §6.4.4): without case, without accents, compatibility forms unified
/// (NFKD, marks removed, full case folding). Malformed input is repaired first. Idempotent; linear.
std::string fold(std::string_view utf8);

/// Normalisation form C: what a mailbox name or a login is stored as. Nothing if malformed.
std::optional<std::string> to_nfc(std::string_view utf8);

/// How many Unicode characters; a malformed octet counts as one.
std::size_t count_characters(std::string_view utf8);

}  // namespace mailpod::text
