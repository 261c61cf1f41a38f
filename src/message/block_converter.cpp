#include "block_converter.hpp"

#include <utility>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::message {

BlockConverter::BlockConverter(std::string_view charset) : charset_(text::lower(text::trim(charset))) {
  if (charset_.empty()) charset_ = "us-ascii";
  if (charset_.starts_with("utf-16")) width_ = Width::utf16;
  if (charset_.starts_with("utf-32")) width_ = Width::utf32;
  if (!text::knows_charset(charset_)) charset_ = "utf-8";
}

/// Only the first block has the mark that says which octet comes first, so the others need a name that says it. Without
/// a mark it is big-endian (RFC 2781 §4.3).
void BlockConverter::read_byte_order() {
  if (!std::exchange(at_begin_, false) || width_ == Width::octets) return;
  static constexpr std::string_view utf16_marks[] = {"\xfe\xff", "\xff\xfe"};
  static constexpr std::string_view utf32_marks[] = {{"\0\0\xfe\xff", 4}, {"\xff\xfe\0\0", 4}};
  const auto& marks = width_ == Width::utf16 ? utf16_marks : utf32_marks;
  const bool big = pending_.starts_with(marks[0]);
  const bool little = pending_.starts_with(marks[1]);
  if (charset_ == "utf-16" || charset_ == "utf-32") charset_ += little ? "le" : "be";
  if (big || little) pending_.erase(0, marks[0].size());
}

std::size_t BlockConverter::block_end(std::string_view block) const {
  if (width_ == Width::utf32) return block.size();
  if (width_ == Width::utf16) {
    // The last unit may be the first half of a pair: RFC 2781 §2.1, D800 to DBFF.
    const auto high = static_cast<unsigned char>(charset_ == "utf-16le" ? block.back() : block[block.size() - 2]);
    return high >= 0xd8 && high <= 0xdb ? block.size() - 2 : block.size();
  }
  const auto line_feed = block.rfind('\n');
  if (line_feed != std::string_view::npos) return line_feed + 1;
  const bool is_utf8 = charset_ == "utf-8" || charset_ == "us-ascii";
  return is_utf8 ? text::utf8_prefix(block, block.size() - 1).size() : block.size();
}

std::string BlockConverter::convert(std::string_view block) const {
  auto converted = text::to_utf8(charset_, block);
  return converted ? std::move(*converted) : text::repaired_utf8(block);
}

std::string BlockConverter::feed(std::string_view octets) {
  pending_ += octets;
  std::string out;
  if (pending_.size() < block_octets) return out;
  read_byte_order();
  std::string_view rest = pending_;
  while (rest.size() >= block_octets) {
    const std::string_view block = rest.substr(0, block_end(rest.substr(0, block_octets)));
    out += convert(block);
    rest.remove_prefix(block.size());
  }
  pending_.erase(0, pending_.size() - rest.size());
  return out;
}

std::string BlockConverter::finish() {
  read_byte_order();
  std::string out = convert(pending_);
  pending_.clear();
  return out;
}

}  // namespace mailpod::message
