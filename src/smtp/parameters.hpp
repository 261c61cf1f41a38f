#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

/// One parameter of MAIL or RCPT. RFC 5321 §4.1.2 esmtp-param; the value may be UTF-8, as one of
/// them is (RFC 6533 §3).
struct Parameter {
  std::string keyword;  ///< upper case
  std::string value;    ///< as written; empty if there is none
  bool has_value = false;
};

/// No extension that we know of needs half as many.
inline constexpr std::size_t most_parameters = 16;

/// `*(SP esmtp-param)` up to the end of the line; a keyword given twice is an error, as are more than 16.
text::Parsed<std::vector<Parameter>> parse_parameters(text::Cursor& in);

}  // namespace mailpod::smtp
