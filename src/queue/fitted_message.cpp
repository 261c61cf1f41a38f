#include "fitted_message.hpp"

#include <mailpod/message/conversion.hpp>

namespace mailpod::queue {

FittedMessage fitted(const Entry& entry, const base::OctetSource& message, const smtp::Extensions& server) {
  FittedMessage made;
  made.smtp_utf8 = entry.smtp_utf8 && (server.smtp_utf8 || message::has_eight_bit_header(message));
  // It is refused: RFC 6531 §3.2.
  if (made.smtp_utf8 && !server.smtp_utf8) return made;
  if (!server.eight_bit_mime) {
    const bool needs_it = entry.body == Body::binary || message::has_eight_bit(message);
    if (needs_it) made.converted = message::converted_for(message::Transport::seven_bit, message);
  } else if (entry.body == Body::binary) {
    made.converted = message::converted_for(message::Transport::eight_bit, message);
  }
  return made;
}

}  // namespace mailpod::queue
