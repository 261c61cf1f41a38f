#include <cstddef>
#include <mailpod/search/likeness.hpp>

#include <algorithm>
#include <array>

namespace mailpod::search {
namespace {

/// A character of UTF-8 that is well-formed, as folded text is.
char32_t take_character(std::string_view& utf8) {
  const auto first = static_cast<unsigned char>(utf8.front());
  const std::size_t octets = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t character = first < 0x80 ? first : first & (0x7fU >> octets);
  for (std::size_t i = 1; i < octets && i < utf8.size(); ++i) {
    character = (character << 6U) | (static_cast<unsigned char>(utf8[i]) & 0x3fU);
  }
  utf8.remove_prefix(std::min(octets, utf8.size()));
  return character;
}

/// Of a short word each letter tells a lot.
unsigned edits_allowed(std::size_t length) {
  return length < 3 ? 0 : length < 6 ? 1 : length < 10 ? 2 : 3;
}

/// A term that a word begins is another form of it up to this length: `break` of `breaking`.
constexpr std::size_t longest_form = 2;
/// A shorter word begins too much.
constexpr std::size_t shortest_stem = 3;

}  // namespace

LikedWord::LikedWord(std::string_view word) : octets_(word) {
  while (!word.empty() && characters_.size() < longest_term) characters_ += take_character(word);
  most_edits_ = edits_allowed(characters_.size());
}

unsigned LikedWord::likeness(std::string_view term) const {
  if (term == octets_) return 100;
  const auto size = characters_.size();
  // Octets are no fewer than characters.
  if (most_edits_ == 0 || term.size() + most_edits_ < size) return 0;
  std::array<char32_t, 2 * longest_term> characters;
  std::size_t length = 0;
  while (!term.empty() && length < characters.size()) characters[length++] = take_character(term);
  unsigned best = 0;
  const bool begins = length > size && std::equal(characters_.begin(), characters_.end(), characters.begin());
  if (begins && size >= shortest_stem && length <= longest_form * size) {
    best = static_cast<unsigned>(100 * size / length);
  }
  const auto difference = length > size ? length - size : size - length;
  if (difference > most_edits_) return best;
  const auto needed = edits(characters.data(), length);
  if (needed > most_edits_) return best;
  return std::max(best, static_cast<unsigned>(100 - std::size_t{100} * needed / std::max(length, size)));
}

/// The optimal string alignment distance, or anything above most_edits_ where it is more.
unsigned LikedWord::edits(const char32_t* term, std::size_t length) const {
  using Row = std::array<std::uint8_t, 2 * longest_term + 1>;
  std::array<Row, 3> rows;
  auto* before_last = rows.data();
  auto* last = &rows[1];
  auto* row = &rows[2];
  for (std::size_t j = 0; j <= length; ++j) (*last)[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= characters_.size(); ++i) {
    (*row)[0] = static_cast<std::uint8_t>(i);
    unsigned least = (*row)[0];
    for (std::size_t j = 1; j <= length; ++j) {
      const unsigned changed = characters_[i - 1] == term[j - 1] ? 0 : 1;
      unsigned cost = std::min({(*last)[j] + 1U, (*row)[j - 1] + 1U, (*last)[j - 1] + changed});
      if (i > 1 && j > 1 && characters_[i - 1] == term[j - 2] && characters_[i - 2] == term[j - 1])
        cost = std::min(cost, (*before_last)[j - 2] + 1U);
      (*row)[j] = static_cast<std::uint8_t>(cost);
      least = std::min(least, cost);
    }
    if (least > most_edits_) return least;
    auto* const oldest = before_last;
    before_last = last;
    last = row;
    row = oldest;
  }
  return (*last)[length];
}

LikeQuery::LikeQuery(std::string_view folded) {
  // Cut where documents are cut.
  DocumentTerms terms;
  terms.begin(Field::body);
  terms.add(folded);
  terms.end();
  std::vector<std::string> words(terms.of(Field::body).begin(), terms.of(Field::body).end());
  std::ranges::sort(words, [](const std::string& left, const std::string& right) {
    return left.size() != right.size() ? left.size() > right.size() : left < right;
  });
  if (words.size() > most_words) words.resize(most_words);
  for (const auto& word : words) words_.emplace_back(word);
}

unsigned LikeQuery::likeness(const DocumentTerms& terms) const {
  std::vector<std::uint8_t> best(words_.size(), 0);
  for (std::size_t field = 0; field < field_count; ++field) {
    for (const auto& term : terms.of(static_cast<Field>(field))) {
      for (std::size_t i = 0; i < words_.size(); ++i) {
        best[i] = std::max(best[i], static_cast<std::uint8_t>(words_[i].likeness(term)));
      }
    }
  }
  return joined(best);
}

unsigned LikeQuery::joined(const std::vector<std::uint8_t>& best) {
  if (best.empty()) return 0;
  unsigned sum = 0;
  for (const auto one : best) {
    if (one == 0) return 0;
    sum += one;
  }
  return std::max<unsigned>(1, sum / static_cast<unsigned>(best.size()));
}

std::optional<unsigned> Likenesses::of(std::uint64_t place) const {
  const auto found = std::ranges::lower_bound(*places_, place);
  if (found == places_->end() || *found != place) return std::nullopt;
  const auto likeness = likenesses_[static_cast<std::size_t>(found - places_->begin())];
  return likeness == unknown ? std::nullopt : std::optional<unsigned>(likeness);
}

}  // namespace mailpod::search
