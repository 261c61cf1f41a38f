#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mailpod/search/terms.hpp>

/// Looking for words that may be misspelled, or stand in another form.
namespace mailpod::search {

/// A word that somebody looked for, made ready to be compared with many terms.
class LikedWord {
public:
  /// Folded; of more than longest_term characters the rest does not count.
  explicit LikedWord(std::string_view word);

  /// How like it a term is: 100 where they are the same, 0 where they have nothing to do with each other. In between,
  /// by how many characters would have to be added, taken away, changed or swapped with their neighbour (one of a short
  /// word, at most three of a long one), or how much of the term is the word, if it begins with it. At most the square
  /// of longest_term.
  unsigned likeness(std::string_view term) const;

  const std::string& octets() const { return octets_; }

private:
  unsigned edits(const char32_t* term, std::size_t length) const;

  std::string octets_;
  std::u32string characters_;
  unsigned most_edits_ = 0;
};

/// What somebody looked for: each of its words must have something like it.
class LikeQuery {
public:
  static constexpr std::size_t most_words = 8;  ///< the longest ones; the others do not count

  explicit LikeQuery(std::string_view folded);

  /// None: there is nothing in it to look for.
  const std::vector<LikedWord>& words() const { return words_; }
  /// Of a text that has these terms in any of its fields: 0 (it does not fit), or 1…100.
  unsigned likeness(const DocumentTerms& terms) const;
  /// The same from what is most like each word. One that is not found at all is 0.
  static unsigned joined(const std::vector<std::uint8_t>& best);

private:
  std::vector<LikedWord> words_;
};

/// What an index knew of one such query, at one moment. An immutable value; any thread.
class Likenesses {
public:
  static constexpr std::uint8_t unknown = 255;

  /// `places` ascending, with the likeness of each.
  Likenesses(std::shared_ptr<const std::vector<std::uint64_t>> places, std::vector<std::uint8_t> likenesses)
      : places_(std::move(places)), likenesses_(std::move(likenesses)) {}

  /// Of the document at a place; nothing where only reading it can tell.
  std::optional<unsigned> of(std::uint64_t place) const;

private:
  std::shared_ptr<const std::vector<std::uint64_t>> places_;
  std::vector<std::uint8_t> likenesses_;
};

}  // namespace mailpod::search
