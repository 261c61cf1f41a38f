#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::http {

/// The path of a request target, read and not joined: `/a/b%2Dc` is the segments `a` and `b-c` (RFC 3986 §3.3).
///
/// No segment is `.` or `..`, none is empty but the last (`/a/` ends in one), none holds a slash, a backslash or a
/// control character, however it is written: a path that says one thing to us and another to somebody else is none.
struct Path {
  std::vector<std::string> segments;  ///< octets; of `/` one that is empty

  /// With `/` in front, percent-encoded where it must be.
  std::string str() const;
  friend bool operator==(const Path&, const Path&) = default;
};

/// `text` begins with `/`, and has no query.
std::optional<Path> parse_path(std::string_view text);

}  // namespace mailpod::http
