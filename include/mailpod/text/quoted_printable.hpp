#pragma once

#include <string>
#include <string_view>

namespace mailpod::text {

/// RFC 2045 §6.7, for text whose lines end in CRLF; lines of at most 76 characters.
std::string write_quoted_printable(std::string_view octets);

/// The same, piece by piece: what comes out does not depend on where the pieces end. Every octet comes back when it is
/// decoded, a CR or LF alone too. No line begins with a dot, `From` or `-`: nothing on the way mangles it, and none can
/// be taken for a boundary that was not there before (RFC 2049 §3, RFC 2046 §5.1.1).
class QuotedPrintableEncoder {
public:
  /// Appends what `piece` completes to `out`.
  void encode(std::string_view piece, std::string& out);
  /// Says there is no more.
  void finish(std::string& out);

private:
  enum class Place { within_line, at_line_end };
  void take(char octet, std::string& out);
  void write(char octet, Place place, std::string& out);
  bool has_cr_ = false;    ///< which may begin a line end
  bool has_held_ = false;  ///< held_ waits: how it is written depends on what follows
  char held_ = 0;
  std::size_t column_ = 0;
};

/// Decodes a MIME body piece by piece (RFC 2045 §6.7), as leniently as mail demands: a `=` that begins no escape stands
/// for itself, white space at line ends is dropped, lower-case digits and soft breaks by bare LF are accepted. Never
/// fails; linear; holds at most `kept_spaces` octets of white space back (a longer run is passed through).
class QuotedPrintableDecoder {
public:
  static constexpr std::size_t kept_spaces = 998;

  /// Appends what `piece` completes to `out`.
  void decode(std::string_view piece, std::string& out);
  /// Says there is no more.
  void finish(std::string& out);
  /// An escape was malformed.
  bool damaged() const { return damaged_; }

private:
  enum class State { text, equals, digit, soft_break, soft_break_cr };
  void take(char octet, std::string& out);
  State state_ = State::text;
  char first_digit_ = 0;
  std::string spaces_;  ///< white space that is dropped if the line ends here
  bool damaged_ = false;
};

}  // namespace mailpod::text
