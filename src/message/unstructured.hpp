#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mailpod::message {

/// The value without its line ends (RFC 5322 §2.2.3), without NULs, trimmed: what ENVELOPE can show. An IMAP string
/// has no way to carry a NUL.
std::string unfolded(std::string_view value);

/// Every message id in `value`, without angle brackets and white space. RFC 5322 §3.6.4.
void each_message_id(std::string_view value, const std::function<void(std::string)>& take);

}  // namespace mailpod::message
