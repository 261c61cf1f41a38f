#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/message/scanner.hpp>

#include "entity_fields.hpp"

namespace mailpod::message {

/// One line of the message: its first octets, and where it stands.
struct Line {
  std::string_view kept;  ///< without line end, and without what is beyond the limit
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< with its line end
  std::uint64_t eol = 0;  ///< octets of the line end: CRLF, LF, or none at the end of the message

  std::uint64_t content_end() const { return end - eol; }
  bool is_empty() const { return content_end() == begin; }
  bool is_cut() const { return kept.size() < content_end() - begin; }
};

/// A field whose lines have all been seen.
struct ReadField {
  std::string_view name;
  KnownField known = KnownField::none;
  std::string_view value;  ///< without line ends; empty unless known
  HeaderField place;
  bool truncated = false;  ///< some of the value was beyond the limits
};

/// The name of the field that `line` begins, without white space before the colon; nothing if it begins none.
/// RFC 5322 §2.2, §4.5.
std::optional<std::string_view> field_name(std::string_view line);

/// Puts the lines of one header together to fields (RFC 5322 §2.2.3), keeping values only of known fields and within
/// the limits.
class HeaderReader {
public:
  explicit HeaderReader(const Scanner::Settings& settings) : settings_(settings) {}

  /// A new header.
  void restart();
  enum class Kind { field, continuation, malformed };
  /// One line that is not empty. If it begins a field, take the previous one with field() before.
  static Kind kind_of(const Line& line);
  void begin_field(const Line& line);
  /// False if there is no field that it could continue.
  bool continue_field(const Line& line);
  /// The line was neither.
  void drop() { open_ = false; }

  /// The field that is complete now; nullptr if there is none. Valid until the next call.
  const ReadField* field();

private:
  void append(std::string_view octets, bool cut);

  const Scanner::Settings& settings_;
  std::size_t rest_ = 0;  ///< of header_octets
  bool open_ = false;
  ReadField current_;
  std::string value_;
};

}  // namespace mailpod::message
