#include "answer.hpp"

#include <fmt/format.h>

namespace mailpod::imap {

Answer bad(const text::ParseError& error) {
  return bad(fmt::format("Expected {} at octet {} of the command", error.expected, error.offset + 1));
}

std::string_view word_for(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::ok:
      return "OK";
    case Answer::Kind::no:
      return "NO";
    case Answer::Kind::bad:
      return "BAD";
  }
  return "BAD";
}

}  // namespace mailpod::imap
