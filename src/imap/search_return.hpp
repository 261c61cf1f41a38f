#pragma once

#include <optional>
#include <vector>

#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "fetch_items.hpp"
#include "partial_range.hpp"

namespace mailpod::imap {

/// What a searching command asks to be told of what it finds: its RETURN options. RFC 4731 §3.1, RFC 9051 §6.4.4.1.
struct SearchReturn {
  bool said = false;  ///< RETURN stood there: the answer is an ESEARCH response
  bool min = false;
  bool max = false;
  bool all = false;
  bool count = false;
  bool save = false;                    ///< RFC 5182
  bool relevancy = false;               ///< RFC 6203 §4
  bool update = false;                  ///< RFC 5267 §4.3
  std::vector<FetchItem> shown;         ///< of what arrives and is found, for UPDATE: RFC 5465 §7
  std::optional<PartialRange> partial;  ///< RFC 9394 §3.1

  /// SAVE and nothing else: no response at all. RFC 5182 §1.
  bool is_silent() const { return save && !min && !max && !all && !count && !relevancy && !update && !partial; }
};

/// `SP RETURN (MIN COUNT)`, or nothing of it. An empty list means ALL.
text::Parsed<SearchReturn> parse_search_return(text::Cursor& in, const Dialect& dialect);

}  // namespace mailpod::imap
