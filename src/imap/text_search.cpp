#include "text_search.hpp"

#include <algorithm>
#include <cstring>

#include <mailpod/message/decoded_text.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/unicode.hpp>

#include "header_fields.hpp"

namespace mailpod::imap {
namespace {

constexpr std::uint64_t most_header_octets = 1024 * 1024;
constexpr std::size_t piece_octets = 64 * 1024;

}  // namespace

bool stands_in(std::string_view needle, std::string_view folded) {
  // memmem is linear in the worst case too, which std::string_view::find is not.
  return needle.empty() || ::memmem(folded.data(), folded.size(), needle.data(), needle.size()) != nullptr;
}

std::string read_header(const base::OctetSource& message, const message::Part& part) {
  std::string header(static_cast<std::size_t>(std::min(part.header.size(), most_header_octets)), '\0');
  header.resize(message.read_at(part.header.begin, header));
  return header;
}

TextSearch::TextSearch(const std::vector<std::string>& texts)
    : texts_(texts), in_header_(texts.size()), in_body_(texts.size()) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    longest_ = std::max(longest_, texts[i].size());
    if (texts[i].empty()) in_body_[i] = true;
  }
}

void TextSearch::scan(const base::OctetSource& message, const message::Structure& structure,
                      const std::atomic<bool>& stop) {
  message_ = &message;
  stop_ = &stop;
  scan_header(structure.root, in_header_);
  scan_part(structure.root, 0);
}

void TextSearch::scan_part(const message::Part& part, int depth) {
  constexpr int deepest = 200;  // deeper than the scanner lets a message be
  if (depth > deepest || stop_->load()) return;
  if (part.type == "text") scan_text(part);
  for (const auto& child : part.children) {
    if (part.holds_message()) scan_header(child, in_body_);
    scan_part(child, depth + 1);
  }
}

void TextSearch::scan_header(const message::Part& part, Found& found) {
  const auto octets = read_header(*message_, part);
  std::string_view header = octets;
  HeaderField field;
  while (take_field(header, field)) {
    std::string window;
    std::string line(field.name);
    line += ": ";
    line += message::decode_header_value(field.value);
    look(window, line, found);
  }
}

void TextSearch::scan_text(const message::Part& part) {
  auto decoder = message::decoded_text_for(part);
  std::string window;
  std::string piece(piece_octets, '\0');
  for (auto at = part.body.begin; at < part.body.end && !stop_->load();) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), part.body.end - at));
    const auto count = message_->read_at(at, std::span<char>(piece.data(), wanted));
    if (count == 0) break;
    at += count;
    look(window, decoder.feed(std::string_view(piece).substr(0, count)), in_body_);
  }
  look(window, decoder.finish(), in_body_);
}

/// `window` keeps the end of what was seen, in which a text may have begun.
void TextSearch::look(std::string& window, std::string_view utf8, Found& found) {
  window += text::fold(utf8);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!found[i] && stands_in(texts_[i], window)) found[i] = true;
  }
  if (window.size() >= longest_) window.erase(0, window.size() - (longest_ == 0 ? 0 : longest_ - 1));
}

}  // namespace mailpod::imap
