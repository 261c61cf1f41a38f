#pragma once

#include <string>
#include <string_view>

namespace mailpod::imap {

/// What is left of a subject without the marks of replies and forwards: what SORT and THREAD compare. RFC 5256 §2.1.
struct BaseSubject {
  std::string text;                  ///< UTF-8, not casemapped
  bool is_reply_or_forward = false;  ///< such a mark was taken off
};

/// Of a decoded subject (message::decode_header_value). Never fails; linear.
BaseSubject base_subject(std::string_view subject);

}  // namespace mailpod::imap
