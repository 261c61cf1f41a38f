#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::message {

/// A whole field, `octets` above 127 in it, with encoded words in their place; with its CRLF. Nothing where that could
/// change what it says: another field than Subject, Comments, Content-Description (RFC 2047 §5(1)) or a list of
/// addresses in which only names are beyond ASCII (§5(3)), a list with comments or groups, and what is no UTF-8.
std::optional<std::string> with_encoded_words(std::string_view field);

}  // namespace mailpod::message
