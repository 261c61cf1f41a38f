#include <mailpod/message/preview.hpp>

#include <algorithm>
#include <vector>

#include "read_text.hpp"

namespace mailpod::message {
namespace {

constexpr std::size_t piece_octets = 4 * 1024;
constexpr std::size_t most_parts = 8;  // that are looked into for one that is not blank

/// Parts that a reader is shown, in order; not what is attached, and not messages within the message.
void collect_readable(const Part& part, std::vector<const Part*>& parts) {
  if (parts.size() == most_parts) return;
  if (part.disposition && part.disposition->type == "attachment") return;
  if (part.type == "text" && (part.subtype == "plain" || part.subtype == "html")) parts.push_back(&part);
  if (!part.is_multipart()) return;
  for (const auto& child : part.children) collect_readable(child, parts);
}

/// Takes UTF-8 and keeps its first characters, each run of what is not seen as one space.
class Folded {
public:
  explicit Folded(std::size_t characters) : left_(characters) {}

  void add(std::string_view text) {
    for (std::size_t at = 0; at < text.size() && left_ > 0;) {
      const auto length = std::min(length_of(text[at]), text.size() - at);
      add_character(text.substr(at, length));
      at += length;
    }
  }
  bool is_full() const { return left_ == 0; }
  bool is_blank() const { return text_.empty(); }
  std::string take() { return std::move(text_); }

private:
  static std::size_t length_of(char first) {
    const auto octet = static_cast<unsigned char>(first);
    return octet < 0xC0 ? 1 : octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4;
  }

  static bool is_unseen(std::string_view character) {
    if (character.size() == 1) {
      const auto octet = static_cast<unsigned char>(character.front());
      return octet <= 0x20 || octet == 0x7F;
    }
    // No-break space, soft hyphen; the spaces, joiners and marks of U+2000…U+200F and U+2028…U+202F; U+2060; U+3000;
    // the byte order mark; U+034F, with which newsletters fill their previews; controls beyond ASCII.
    if (character.size() == 2) {
      const auto second = static_cast<unsigned char>(character[1]);
      return character == "\u00A0" || character == "\u00AD" || character == "\u034F" ||
             (character[0] == '\xC2' && second < 0xA0);
    }
    if (character.starts_with("\xE2\x80")) {
      const auto third = static_cast<unsigned char>(character[2]);
      return third <= 0x8F || (third >= 0xA8 && third <= 0xAF);
    }
    return character == "\u2060" || character == "\u3000" || character == "\uFEFF";
  }

  void add_character(std::string_view character) {
    if (is_unseen(character)) {
      gap_ = !text_.empty();
      return;
    }
    if (gap_ && --left_ > 0) text_ += ' ';
    gap_ = false;
    if (left_ == 0) return;
    text_ += character;
    --left_;
  }

  std::string text_;
  std::size_t left_;
  bool gap_ = false;
};

/// Reads one part; `left` is what may still be read. False if that did not suffice.
bool read_part(const base::OctetSource& message, const Part& part, std::uint64_t& left, Folded& folded) {
  ReadText text(part);
  std::string piece(piece_octets, '\0');
  for (auto at = part.body.begin; at < part.body.end && !folded.is_full();) {
    if (left == 0) return false;
    const auto wanted = std::min({std::uint64_t{piece_octets}, part.body.end - at, left});
    const auto count = message.read_at(at, std::span<char>(piece.data(), static_cast<std::size_t>(wanted)));
    if (count == 0) break;
    at += count;
    left -= count;
    folded.add(text.feed(std::string_view(piece).substr(0, count)));
  }
  if (!folded.is_full()) folded.add(text.finish());
  return true;
}

}  // namespace

Preview preview(const base::OctetSource& message, const Structure& structure, const PreviewLimits& limits) {
  std::vector<const Part*> parts;
  collect_readable(structure.root, parts);
  auto left = limits.octets;
  for (const auto* part : parts) {
    Folded folded(limits.characters);
    const bool whole = read_part(message, *part, left, folded);
    if (!whole || !folded.is_blank()) return {folded.take(), whole};
  }
  return {};
}

}  // namespace mailpod::message
