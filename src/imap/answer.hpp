#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <mailpod/text/cursor.hpp>

namespace mailpod::imap {

/// How a command ended: the tagged status response without its tag. RFC 9051 §7.1.
struct Answer {
  enum class Kind { ok, no, bad };

  Answer() = default;
  Answer(Kind the_kind, std::string the_text) : kind(the_kind), text(std::move(the_text)) {}

  Kind kind = Kind::bad;
  std::string text;  ///< with the response code in front, if there is one; ASCII, one line
};

inline Answer ok(std::string text) {
  return {Answer::Kind::ok, std::move(text)};
}
inline Answer no(std::string text) {
  return {Answer::Kind::no, std::move(text)};
}
inline Answer bad(std::string text) {
  return {Answer::Kind::bad, std::move(text)};
}
/// BAD, naming the place in the command where it stopped making sense.
Answer bad(const text::ParseError& error);

/// `OK`, `NO` or `BAD`.
std::string_view word_for(Answer::Kind kind);

}  // namespace mailpod::imap
