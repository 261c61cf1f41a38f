#pragma once

#include <string>
#include <string_view>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// What LIST and LSUB ask.
struct ListRequest {
  std::string reference;
  std::string pattern;

  /// Reference and pattern are simply joined: Mailpod has one namespace. RFC 3501 §6.3.8.
  std::string canonical() const { return reference + pattern; }
};
text::Parsed<ListRequest> parse_list_request(text::Cursor& in, const Dialect& dialect);

/// `* LIST (\HasNoChildren) "/" INBOX`; `word` is LIST or LSUB.
void write_list_response(std::string& out, std::string_view word, std::string_view attributes, std::string_view name,
                         const Dialect& dialect);

/// Whether a mailbox lies below this one. Binary search.
bool has_children(const store::VaultState& vault, std::string_view name);

}  // namespace mailpod::imap
