#include <algorithm>
#include <stdexcept>

#include "dialogue.hpp"

/// `{any}`, `{number:uid}`, `{uid}`: the pattern language of server lines.
namespace mailpod::conversations {

namespace {

/// One piece of a pattern: fixed octets, or octets of a class, perhaps captured.
struct Piece {
  std::string literal;
  bool open = false;  ///< matches octets of its class
  bool (*allowed)(char) = nullptr;
  bool may_be_empty = false;
  std::string capture;
};

bool any_octet(char) {
  return true;
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool atom(char c) {
  return c > ' ' && c < 0x7f && std::string_view("(){}\"\\[]<>%*").find(c) == std::string_view::npos;
}
bool base64(char c) {
  return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' || c == '=';
}

struct Class {
  std::string_view name;
  bool (*allowed)(char);
  bool may_be_empty;
};
constexpr Class classes[] = {
    {"any", any_octet, true},
    {"number", digit, false},
    {"atom", atom, false},
    {"base64", base64, false},
};

Piece piece_for(std::string_view words, const std::map<std::string, std::string>& names) {
  Piece piece;
  const std::size_t colon = words.find(':');
  const std::string_view name = words.substr(0, colon);
  const auto* found = std::ranges::find(classes, name, &Class::name);
  if (found != std::end(classes)) {
    piece.open = true;
    piece.allowed = found->allowed;
    piece.may_be_empty = found->may_be_empty;
    if (colon != std::string_view::npos) piece.capture = words.substr(colon + 1);
    return piece;
  }
  // `{uid:x}`: a name of its own choice captures octets of any kind, and at least one.
  if (colon != std::string_view::npos) {
    piece.open = true;
    piece.allowed = any_octet;
    piece.capture = words.substr(colon + 1);
    return piece;
  }
  const auto value = names.find(std::string(words));
  if (value == names.end()) throw std::runtime_error("nothing was captured as {" + std::string(words) + "}");
  piece.literal = value->second;
  return piece;
}

// `{5}` and `{5+}` are IMAP's literals, not names.
bool is_literal_marker(std::string_view words) {
  return !words.empty() && digit(words.front()) &&
         std::ranges::all_of(words, [](char c) { return digit(c) || c == '+'; });
}

std::vector<Piece> pieces_of(std::string_view pattern, const std::map<std::string, std::string>& names) {
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      pieces.back().literal += pattern[i];
      continue;
    }
    if (pattern.substr(i).starts_with("{{")) {
      pieces.back().literal += '{';
      ++i;
      continue;
    }
    const std::size_t end = pattern.find('}', i);
    if (end == std::string_view::npos) throw std::runtime_error("'{' without '}': " + std::string(pattern));
    const std::string_view words = pattern.substr(i + 1, end - i - 1);
    if (is_literal_marker(words)) {
      pieces.back().literal.append(pattern.substr(i, end - i + 1));
    } else {
      pieces.push_back(piece_for(words, names));
      pieces.emplace_back();
    }
    i = end;
  }
  return pieces;
}

// Shortest first, so that a capture ends where what follows it first fits. Lines are short; the few pieces of a pattern
// make backtracking cheap.
bool fits(std::span<const Piece> pieces, std::string_view line, std::map<std::string, std::string>& names) {
  if (pieces.empty()) return line.empty();
  const Piece& piece = pieces.front();
  if (!piece.open)
    return line.starts_with(piece.literal) && fits(pieces.subspan(1), line.substr(piece.literal.size()), names);
  for (std::size_t length = piece.may_be_empty ? 0 : 1; length <= line.size(); ++length) {
    if (length > 0 && !piece.allowed(line[length - 1])) return false;
    if (!fits(pieces.subspan(1), line.substr(length), names)) continue;
    if (!piece.capture.empty()) names[piece.capture] = line.substr(0, length);
    return true;
  }
  return false;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view line, std::map<std::string, std::string>& names) {
  const std::vector<Piece> pieces = pieces_of(pattern, names);
  auto captured = names;
  if (!fits(pieces, line, captured)) return false;
  names = std::move(captured);
  return true;
}

std::string expand(std::string_view text, const std::map<std::string, std::string>& names) {
  std::string out;
  for (const Piece& piece : pieces_of(text, names)) {
    if (piece.open) throw std::runtime_error("a client's line can only use what was captured: " + std::string(text));
    out += piece.literal;
  }
  return out;
}

}  // namespace mailpod::conversations
