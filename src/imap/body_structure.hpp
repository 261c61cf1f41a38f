#pragma once

#include <string>

#include <mailpod/message/structure.hpp>

namespace mailpod::imap {

/// BODY is BODYSTRUCTURE without the extension data. RFC 3501 §7.4.2.
enum class Extensions { left_out, shown };

/// Whether message/global (RFC 6532) is shown as message/rfc822 is, with envelope and body: a client by RFC 3501's
/// grammar takes it for body-type-basic, one by RFC 9051's for body-type-msg. RFC 9051 §7.5.2.
enum class GlobalMessages { as_basic, as_messages };

struct BodyForm {
  Extensions extensions;
  GlobalMessages global = GlobalMessages::as_basic;
};
void write_body(std::string& out, const message::Part& part, const BodyForm& form);

}  // namespace mailpod::imap
