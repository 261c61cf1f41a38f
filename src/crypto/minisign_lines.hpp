#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>

namespace mailpod::crypto::minisign {

inline constexpr std::string_view untrusted_prefix = "untrusted comment: ";
inline constexpr std::string_view trusted_prefix = "trusted comment: ";

/// One line of printable text within max_comment.
bool is_comment(std::string_view text);

/// The lines of one of minisign's files, strictly: every line ends in LF, and nothing else is a line end.
class Lines {
public:
  /// Errors: byte_order_mark, carriage_return.
  static Result<Lines> of(std::string_view text);

  /// What follows `prefix` on the next line. Errors: missing_line, bad_comment.
  Result<std::string> comment(std::string_view prefix);
  /// The octets of the next line, which must be `length`. Errors: missing_line, bad_base64, bad_length.
  Result<std::string> base64(std::size_t length);
  /// Errors: extra_line.
  Status end() const;

private:
  explicit Lines(std::string_view text) : rest_(text) {}
  Result<std::string_view> next();

  std::string_view rest_;
};

/// Octets of one base64 line. Errors: bad_base64, bad_length.
Result<std::string> octets_of_line(std::string_view line, std::size_t length);

}  // namespace mailpod::crypto::minisign
