#pragma once

#include <mailpod/smtp/mailroom.hpp>
#include <mailpod/text/cursor.hpp>

/// Forward and reverse paths, RFC 5321 §4.1.2 as RFC 6531 §3.3 extends it: octets above 127 are UTF-8, which the caller
/// has checked, as well as that SMTPUTF8 was given.
namespace mailpod::smtp {

/// Octets: RFC 5321 §4.5.3.1.1 to §4.5.3.1.3; a path of 256 octets holds an address of 254.
inline constexpr std::size_t longest_local_part = 64;
inline constexpr std::size_t longest_domain = 255;
inline constexpr std::size_t longest_address = 254;

/// `<>` or a path; the null reverse path is an empty Mailbox.
text::Parsed<Mailbox> parse_reverse_path(text::Cursor& in);
/// A path, or `<postmaster>` in any case, whose Mailbox has no domain.
text::Parsed<Mailbox> parse_forward_path(text::Cursor& in);
/// local-part@domain without brackets, at most 254 octets. The local part comes back unquoted, the domain in lower
/// case, a U-label as its A-label; an address literal keeps its brackets.
text::Parsed<Mailbox> parse_mailbox(text::Cursor& in);

/// Whether the domain is an address literal, `[192.0.2.1]`.
bool is_address_literal(const Mailbox& mailbox);

}  // namespace mailpod::smtp
