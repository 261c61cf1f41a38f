#pragma once

#include <mailpod/base/octet_source.hpp>

namespace mailpod::imap {

/// Whether a message's header, up to the first empty line, has octets beyond ASCII: then it is internationalised mail
/// (RFC 6532), or mail that claims no charset. Reads as far as the header goes, in small pieces. Pool.
bool has_eight_bit_header(const base::OctetSource& message);

}  // namespace mailpod::imap
