#pragma once

#include <string>
#include <string_view>

#include <mailpod/smtp/client.hpp>

#include "data_writer.hpp"

/// What a client says of the envelope: MAIL and RCPT with the parameters that this server takes. Addresses have been
/// examined before; parameters are examined here, and left out where they could not be what they claim to be.
namespace mailpod::smtp {

/// `MAIL FROM:<…> …`, with its CRLF. RFC 5321 §4.1.1.2.
std::string mail_command(const Dispatch& dispatch, const MessageForm& form, const Extensions& extensions);
/// `RCPT TO:<…> …`, with its CRLF. RFC 5321 §4.1.1.3.
std::string rcpt_command(const DispatchRecipient& recipient, const Extensions& extensions);

/// Whether MAIL says SMTPUTF8. RFC 6531 §3.4.
bool needs_smtp_utf8(const Dispatch& dispatch);

}  // namespace mailpod::smtp
