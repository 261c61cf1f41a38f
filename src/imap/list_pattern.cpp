#include "list_pattern.hpp"

#include <algorithm>
#include <utility>

namespace mailpod::imap {
namespace {

bool is_wildcard(char octet) {
  return octet == '*' || octet == '%';
}

/// `**` is `*`, and so are `%*` and `*%`; `%%` is `%`.
std::string simplified(std::string_view pattern) {
  std::string simple;
  for (const char octet : pattern) {
    const bool after_star = simple.ends_with('*');
    if (after_star && is_wildcard(octet)) continue;
    if (octet == '%' && simple.ends_with('%')) continue;
    if (octet == '*' && simple.ends_with('%')) simple.pop_back();
    simple += octet;
  }
  return simple;
}

/// As Knuth, Morris and Pratt have it: where a search goes on after so many octets did match and the next does not.
std::vector<std::size_t> borders_of(std::string_view literal) {
  std::vector<std::size_t> borders(literal.size(), 0);
  std::size_t border = 0;
  for (std::size_t i = 1; i < literal.size(); ++i) {
    while (border > 0 && literal[i] != literal[border]) border = borders[border - 1];
    if (literal[i] == literal[border]) ++border;
    borders[i] = border;
  }
  return borders;
}

}  // namespace

/// The places of a name that the pattern so far may have reached.
class ReachedPlaces {
public:
  explicit ReachedPlaces(std::string_view name) : name_(name), at_(name.size() + 1, 0) { at_[0] = 1; }

  /// Over a piece's octets; false if no place is left.
  bool step(const ListPattern::Piece& piece) {
    const std::string_view literal = piece.literal;
    if (literal.empty()) return true;
    std::vector<char> next(at_.size(), 0);
    bool any = false;
    std::size_t matched = 0;
    for (std::size_t i = 0; i < name_.size(); ++i) {
      while (matched > 0 && (matched == literal.size() || name_[i] != literal[matched])) {
        matched = piece.borders[matched - 1];
      }
      if (name_[i] == literal[matched]) ++matched;
      if (matched < literal.size() || at_[i + 1 - matched] == 0) continue;
      next[i + 1] = 1;
      any = true;
    }
    at_ = std::move(next);
    return any;
  }

  void spread(char wildcard) {
    bool reached = false;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      if (i > 0 && wildcard == '%' && name_[i - 1] == '/') reached = false;
      reached |= at_[i] != 0;
      at_[i] = reached ? 1 : 0;
    }
  }

  bool at_end() const { return at_.back() != 0; }

private:
  std::string_view name_;
  std::vector<char> at_;
};

ListPattern::ListPattern(std::string_view pattern) {
  const std::string simple = simplified(pattern);
  const auto wildcards = static_cast<std::size_t>(std::ranges::count_if(simple, is_wildcard));
  if (wildcards > most_wildcards || simple.size() - wildcards > most_octets) return;
  pieces_.emplace_back();
  for (const char octet : simple) {
    if (is_wildcard(octet)) {
      end_piece(octet);
    } else {
      pieces_.back().literal += octet;
    }
  }
  pieces_.back().borders = borders_of(pieces_.back().literal);
}

void ListPattern::end_piece(char wildcard) {
  auto& piece = pieces_.back();
  piece.borders = borders_of(piece.literal);
  piece.wildcard = wildcard;
  pieces_.emplace_back();
}

bool ListPattern::matches(std::string_view name) const {
  // Most names differ at the beginning.
  if (pieces_.empty() || !name.starts_with(pieces_.front().literal)) return false;
  ReachedPlaces reached(name);
  for (const auto& piece : pieces_) {
    if (!reached.step(piece)) return false;
    if (piece.wildcard != '\0') reached.spread(piece.wildcard);
  }
  return reached.at_end();
}

}  // namespace mailpod::imap
