#pragma once

#include <string>

#include <mailpod/message/structure.hpp>

namespace mailpod::imap {

/// BODY is BODYSTRUCTURE without the extension data. RFC 3501 §7.4.2.
enum class Extensions { left_out, shown };

void write_body(std::string& out, const message::Part& part, Extensions extensions);

}  // namespace mailpod::imap
