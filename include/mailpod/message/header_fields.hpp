#pragma once

#include <string_view>

namespace mailpod::message {

/// One field of a header as it is spelled. Borrowed.
struct SpelledField {
  std::string_view name;   ///< as written, without white space before the colon; empty for a line that is no field
  std::string_view value;  ///< after the colon, continuation lines and last line end included
  std::string_view whole;
};

/// Takes the next field off `header`; false at the blank line (which stays) and at the end. Lines end in LF, with or
/// without CR.
bool take_field(std::string_view& header, SpelledField& field);

}  // namespace mailpod::message
