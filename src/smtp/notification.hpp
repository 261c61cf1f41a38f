#pragma once

#include <optional>
#include <string_view>

#include <mailpod/smtp/mailroom.hpp>

/// What MAIL and RCPT say about delivery status notifications: the values of RET, ENVID, NOTIFY and ORCPT. RFC 3461 §4.
namespace mailpod::smtp {

/// Octets, as they are written. RFC 3461 §4.2, §4.4.
inline constexpr std::size_t longest_envelope_id = 100;
inline constexpr std::size_t longest_original_recipient = 500;

/// FULL or HDRS, in any case.
std::optional<MailParameters::Return> parse_return(std::string_view value);

/// xtext that stands for printable US-ASCII and spaces, not empty.
bool is_envelope_id(std::string_view value);

/// NEVER alone, or SUCCESS, FAILURE and DELAY in any case and order, none twice.
std::optional<RecipientParameters::Notify> parse_notify(std::string_view value);

/// What the octets of ORCPT may be: UTF-8 only where SMTPUTF8 was given, and only with the type `utf-8`. RFC 6533 §3.
enum class OriginalAddress { ascii, utf8 };
/// `addr-type;xtext`: the type is an atom, the address printable. Well-formed UTF-8 is taken for granted.
bool is_original_recipient(std::string_view value, OriginalAddress octets);

}  // namespace mailpod::smtp
