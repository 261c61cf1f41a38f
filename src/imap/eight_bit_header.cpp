#include "eight_bit_header.hpp"

#include <array>

namespace mailpod::imap {
namespace {

/// Looks at octets one after the other.
class HeaderLook {
public:
  bool over() const { return over_; }
  bool found() const { return found_; }
  void take(char octet) {
    // A line that ends where it began; lone LF may stand in what was appended.
    if (octet == '\n' && at_line_begin_) over_ = true;
    if (static_cast<unsigned char>(octet) >= 0x80) found_ = over_ = true;
    if (octet != '\r') at_line_begin_ = octet == '\n';
  }

private:
  bool at_line_begin_ = true;
  bool over_ = false;
  bool found_ = false;
};

}  // namespace

bool has_eight_bit_header(const base::OctetSource& message) {
  std::array<char, 4096> piece{};
  HeaderLook look;
  for (std::uint64_t at = 0; !look.over();) {
    const auto count = message.read_at(at, piece);
    if (count == 0) break;
    for (std::size_t i = 0; i < count && !look.over(); ++i) look.take(piece[i]);
    at += count;
  }
  return look.found();
}

}  // namespace mailpod::imap
