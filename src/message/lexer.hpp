#pragma once

#include <string>
#include <string_view>

#include <mailpod/text/cursor.hpp>

namespace mailpod::message {

namespace octets {
/// White space of a folded value; the line ends inside it are folding.
inline constexpr text::OctetSet fws = text::OctetSet(" \t\r\n");
/// atext of RFC 5322 §3.2.3 with RFC 6532 §3.2.
inline constexpr text::OctetSet atext = text::octets::atext | text::octets::beyond_ascii;
/// token of RFC 2045 §5.1.
inline constexpr text::OctetSet token = text::octets::vchar - text::OctetSet("()<>@,;:\\\"/[]?=");
}  // namespace octets

/// The tokens of structured header fields (RFC 5322 §3.2), read as leniently as mail demands.
///
/// Everything consumes what it read and never goes back, so a value is read once whatever it holds. What the RFC does
/// not allow leaves a mark in `well_formed`.
class Lexer {
public:
  explicit Lexer(std::string_view value) : in(value) {}

  text::Cursor in;
  bool well_formed = true;
  std::string comment;  ///< text of the last comment that was skipped

  /// White space and comments; whether there were any.
  bool skip_cfws();
  /// At a `"`. Without quotes and backslashes; an unterminated one ends with the value.
  std::string quoted_string();
  /// At a `[`. With its brackets.
  std::string domain_literal();
  /// Possibly empty.
  std::string_view atom() { return in.take_while(octets::atext); }

private:
  void read_comment();
  /// Reads up to and with the unescaped `end`, appending to `out`.
  void read_until(char end, std::string& out);
};

}  // namespace mailpod::message
