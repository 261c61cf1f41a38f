#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <mailpod/text/quoted_printable.hpp>

namespace mailpod::message {

/// Base64 in lines of 76 characters, piece by piece; no line end behind the last, which belongs to what follows.
/// RFC 2045 §6.8.
class Base64Lines {
public:
  void encode(std::string_view piece, std::string& out);
  void finish(std::string& out);

private:
  void write_line(std::string_view octets, std::string& out);
  std::string held_;  ///< less than a line
  bool has_written_ = false;
};

/// How a body is encoded anew.
enum class Encoding { quoted_printable, base64 };
constexpr std::string_view name_of(Encoding encoding) {
  return encoding == Encoding::base64 ? "base64" : "quoted-printable";
}

/// Encodes one body; what comes out does not depend on where the pieces end.
class PartEncoder {
public:
  explicit PartEncoder(Encoding encoding);
  void encode(std::string_view piece, std::string& out);
  void finish(std::string& out);

private:
  std::variant<text::QuotedPrintableEncoder, Base64Lines> encoder_;
};

}  // namespace mailpod::message
