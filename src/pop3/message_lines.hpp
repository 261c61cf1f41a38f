#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailpod::pop3 {

/// A message as lines of a multi-line response, piece by piece: dots are stuffed, and the last line is given its end.
/// RFC 1939 §3.
///
/// A line begins after LF, whether or not CR stood before it. A message from an APPEND or in BINARY may have such ends,
/// and there are clients that take them for line ends: to these a lone dot behind one would end the response where the
/// message's writer likes.
class MessageLines {
public:
  /// `body_lines`: the header, and so many lines behind the empty line (TOP); nothing: all of it.
  explicit MessageLines(std::optional<std::uint64_t> body_lines) : body_lines_(body_lines) {}

  /// Appends what `piece` adds to the response.
  void add(std::string_view piece, std::string& out);
  /// Nothing of what follows is wanted.
  bool complete() const { return complete_; }
  /// Appends the response's end.
  void finish(std::string& out) const;

private:
  void count_lines(std::string_view part);

  std::optional<std::uint64_t> body_lines_;
  bool in_header_ = true;
  bool complete_ = false;
  bool line_is_empty_ = true;  ///< so far, but for a CR
  bool at_line_start_ = true;
  char last_ = '\n';
  char before_last_ = '\r';
};

}  // namespace mailpod::pop3
