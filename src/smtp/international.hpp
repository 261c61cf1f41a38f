#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Addresses of SMTPUTF8 (RFC 6531 §3.3) on their way to servers that may not know of it.
namespace mailpod::smtp {

/// An address that may be said to a server: RFC 5321 §4.1.2, with characters beyond ASCII as RFC 6531 §3.3 has them. It
/// goes out as it is: no CR, LF or control characters, and no angle bracket outside quotes.
bool is_mailbox(std::string_view address);

/// The same mailbox in ASCII: a domain beyond it in A-labels (RFC 6531 §3.7.1). Nothing if the local part is beyond
/// ASCII, of which nobody but its own server knows another form, or the domain cannot be one.
std::optional<std::string> ascii_form(std::string_view address);

/// A value of ORCPT with its characters beyond ASCII as `\x{HEXPOINT}`: RFC 6533 §3, utf-8-addr-xtext.
std::string ascii_original_recipient(std::string_view value);

}  // namespace mailpod::smtp
