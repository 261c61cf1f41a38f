#pragma once

#include <string_view>
#include <vector>

#include <mailpod/message/structure.hpp>

#include "lexer.hpp"

namespace mailpod::message {

/// Reads `; name=value` pairs to the end of the value: RFC 2045 §5.1 with the continuations and charsets of RFC 2231,
/// and with what mailers write instead (spaces without quotes, no semicolon before a name). n log n.
/// At most `max` parameters; the first of two with one name counts, but an extended form counts before a plain one.
std::vector<Parameter> parse_parameters(Lexer& lexer, std::size_t max);

}  // namespace mailpod::message
