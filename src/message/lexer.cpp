#include "lexer.hpp"

namespace mailpod::message {

bool Lexer::skip_cfws() {
  bool any = false;
  while (!in.at_end()) {
    if (!in.take_while(octets::fws).empty()) {
      any = true;
    } else if (in.next_is('(')) {
      read_comment();
      any = true;
    } else {
      break;
    }
  }
  return any;
}

void Lexer::read_comment() {
  static constexpr text::OctetSet special = text::OctetSet(std::string_view("()\\\r\n\0", 6));
  comment.clear();
  std::size_t depth = 0;  // counted, not recursed: nesting costs nothing
  while (const auto octet = in.peek()) {
    if (!special.contains(*octet)) {
      comment += in.take_until(special);
      continue;
    }
    in.take(*octet);
    if (*octet == '(') {
      if (depth++ > 0) comment += '(';
    } else if (*octet == ')') {
      if (--depth == 0) return;
      comment += ')';
    } else if (*octet == '\\') {
      if (const auto escaped = in.peek()) {
        in.take(*escaped);
        if (*escaped != '\0') comment += *escaped;
      }
    } else if (*octet == '\0') {
      well_formed = false;
    }
  }
  well_formed = false;
}

void Lexer::read_until(char end, std::string& out) {
  while (const auto octet = in.peek()) {
    in.take(*octet);
    if (*octet == end) return;
    if (*octet == '\\') {
      const auto escaped = in.peek();
      if (!escaped) break;
      in.take(*escaped);
      if (*escaped == '\0' || *escaped == '\r' || *escaped == '\n') {
        well_formed = false;
      } else {
        out += *escaped;
      }
    } else if (*octet == '\0') {
      well_formed = false;
    } else if (*octet != '\r' && *octet != '\n') {
      out += *octet;
    }
  }
  well_formed = false;
}

std::string Lexer::quoted_string() {
  std::string out;
  in.take('"');
  read_until('"', out);
  return out;
}

std::string Lexer::domain_literal() {
  std::string out = "[";
  in.take('[');
  read_until(']', out);
  out += ']';
  return out;
}

}  // namespace mailpod::message
