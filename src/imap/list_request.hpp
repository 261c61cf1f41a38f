#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "status_items.hpp"

namespace mailpod::imap {

/// What LIST asks. RFC 3501 §6.3.8, RFC 5258 §3, RFC 9051 §6.3.9.
struct ListRequest {
  /// Which names; they add up. REMOTE is not among them: Mailpod knows no mailboxes of other servers.
  struct Selection {
    bool subscribed = false;
    bool special_use = false;      ///< RFC 6154 §3
    bool recursive_match = false;  ///< also names above those
    bool any() const { return subscribed || special_use; }
  };
  /// What is told of them beside what is always told: \HasChildren and special uses.
  struct Return {
    bool subscribed = false;
    bool my_rights = false;             ///< RFC 8440
    StatusItems status;                 ///< RFC 5819; none: no STATUS
    std::vector<std::string> metadata;  ///< entries, RFC 9590; none: no METADATA
  };

  Selection selection;
  std::string reference;
  std::vector<std::string> patterns;  ///< the reference is not in front of them
  Return returned;
  bool extended = false;  ///< by its syntax; then an empty pattern has no meaning of its own
};

text::Parsed<ListRequest> parse_list_request(text::Cursor& in, const Dialect& dialect);

}  // namespace mailpod::imap
