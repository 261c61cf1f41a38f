#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The mailbox names of IMAP4rev1 (RFC 3501 §5.1.3). IMAP4rev2 and UTF8=ACCEPT sessions speak UTF-8 and need none of
/// it.
namespace mailpod::text {

/// Nothing if `utf8` is not valid UTF-8.
std::optional<std::string> write_modified_utf7(std::string_view utf8);

/// Nothing unless `name` is the one spelling write_modified_utf7 would produce: no printable ASCII inside base64, no
/// superfluous shifts, no lone surrogates, no stray bits, no octets beyond ASCII. Control characters are the caller's
/// question.
std::optional<std::string> parse_modified_utf7(std::string_view name);

}  // namespace mailpod::text
