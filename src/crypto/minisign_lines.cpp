#include "minisign_lines.hpp"

#include <algorithm>

#include <mailpod/crypto/minisign.hpp>

#include "base64.hpp"

namespace mailpod::crypto::minisign {

bool is_comment(std::string_view text) {
  return text.size() <= max_comment && std::ranges::none_of(text, [](char octet) {
           return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
         });
}

Result<Lines> Lines::of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) return Errc::byte_order_mark;
  if (text.find('\r') != std::string_view::npos) return Errc::carriage_return;
  return Lines(text);
}

Result<std::string_view> Lines::next() {
  const auto end = rest_.find('\n');
  if (end == std::string_view::npos) return Errc::missing_line;
  const auto line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

Result<std::string> Lines::comment(std::string_view prefix) {
  const auto line = next();
  if (!line) return line.error();
  if (!line->starts_with(prefix)) return Errc::bad_comment;
  const auto text = line->substr(prefix.size());
  if (!is_comment(text)) return Errc::bad_comment;
  return std::string(text);
}

Result<std::string> Lines::base64(std::size_t length) {
  const auto line = next();
  if (!line) return line.error();
  return octets_of_line(*line, length);
}

Status Lines::end() const {
  if (!rest_.empty()) return Errc::extra_line;
  return {};
}

Result<std::string> octets_of_line(std::string_view line, std::size_t length) {
  constexpr std::size_t longest = 1024;
  if (line.size() > longest) return Errc::bad_length;
  auto octets = parse_base64(line, Padding::required);
  if (!octets) return Errc::bad_base64;
  if (octets->size() != length) return Errc::bad_length;
  return std::move(*octets);
}

}  // namespace mailpod::crypto::minisign
