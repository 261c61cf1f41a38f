#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "header_reader.hpp"

namespace mailpod::message {

/// Cuts chunks of any size into Lines. A line that lies within one chunk is not copied; of one that does not, the first
/// octets are kept, so that a line looks the same however it was cut.
class LineSplitter {
public:
  /// Calls `take(Line)` for every line that `octets` complete. `limit()` is asked at each line's begin: how many of its
  /// octets are of interest.
  template <class Limit, class Take>
  void feed(std::string_view octets, Limit limit, Take take) {
    while (!octets.empty()) {
      if (length_ == 0) limit_ = limit();
      const void* const line_feed = std::memchr(octets.data(), '\n', octets.size());
      if (line_feed == nullptr) return keep(octets);
      const auto length = static_cast<std::size_t>(static_cast<const char*>(line_feed) - octets.data()) + 1;
      take(complete(octets.substr(0, length)));
      octets.remove_prefix(length);
    }
  }

  /// The last line, if the message does not end with a line end.
  template <class Take>
  void finish(Take take) {
    if (length_ > 0) take(next(kept_, length_, 0));
  }

  /// Octets of all lines so far.
  std::uint64_t offset() const { return begin_; }

private:
  void keep(std::string_view octets) {
    if (length_ == 0) kept_.clear();
    // Beyond the limit room for the line end, which is found only once the line is complete.
    const std::size_t room = limit_ + 2 - kept_.size();
    kept_ += octets.substr(0, room);
    length_ += octets.size();
    last_ = octets.back();
  }

  /// `tail` ends with the LF.
  Line complete(std::string_view tail) {
    const char before = tail.size() > 1 ? tail[tail.size() - 2] : length_ > 0 ? last_ : '\0';
    const std::uint64_t eol = before == '\r' ? 2 : 1;
    if (length_ == 0) return next(tail, tail.size(), eol);
    keep(tail);
    return next(kept_, length_, eol);
  }

  Line next(std::string_view octets, std::uint64_t length, std::uint64_t eol) {
    const auto content = static_cast<std::size_t>(length - eol);
    const Line line{octets.substr(0, std::min(content, limit_)), begin_, begin_ + length, eol};
    begin_ = line.end;
    length_ = 0;
    return line;
  }

  std::uint64_t begin_ = 0;   ///< where the current line begins
  std::uint64_t length_ = 0;  ///< of what came of it before the current chunk
  std::size_t limit_ = 0;
  char last_ = '\0';
  std::string kept_;
};

}  // namespace mailpod::message
