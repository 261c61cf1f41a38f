#pragma once

#include <string>

#include <mailpod/message/structure.hpp>

namespace mailpod::imap {

/// `(date subject from sender reply-to to cc bcc in-reply-to message-id)`. RFC 3501 §7.4.2 ENVELOPE.
void write_envelope(std::string& out, const message::Envelope& envelope);

}  // namespace mailpod::imap
