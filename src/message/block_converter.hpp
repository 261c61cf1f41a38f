#pragma once

#include <string>
#include <string_view>

namespace mailpod::message {

/// Converts text of a charset to UTF-8 in blocks that end at line ends: there every charset of mail is in its initial
/// state and between characters. A line longer than a block is cut; only there may a character be lost, and only in
/// charsets of several octets other than UTF-8 and UTF-16.
/// Where blocks end depends on the octets alone, not on how they were fed.
class BlockConverter {
public:
  static constexpr std::size_t block_octets = 16 * 1024;

  /// An unknown charset is read as UTF-8, none as us-ascii.
  explicit BlockConverter(std::string_view charset);

  std::string feed(std::string_view octets);
  std::string finish();

private:
  enum class Width { octets, utf16, utf32 };

  void read_byte_order();
  /// Where to cut `block`, which has block_octets; at least one octet.
  std::size_t block_end(std::string_view block) const;
  std::string convert(std::string_view block) const;

  std::string charset_;
  Width width_ = Width::octets;
  bool at_begin_ = true;
  std::string pending_;
};

}  // namespace mailpod::message
