#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace mailpod::search {

/// Where in a document a text stands. Stored: never renumber.
enum class Field : std::uint8_t {
  header = 0,
  body = 1,
  values = 2,  ///< what is compared in another form than the header has it in: addresses, for example
};
inline constexpr std::size_t field_count = 3;

/// How folded text is cut into terms. Runs of letters, digits and marks are terms; one above 32 characters is cut into
/// pieces of 32 of which each begins 16 after the one before. Of scripts that write no spaces (Han, Kana, Hangul, Thai
/// and the like) each two neighbours are a term, and so is a character that has no neighbour.
inline constexpr std::size_t longest_term = 32;        ///< characters
inline constexpr std::size_t surely_in_one_term = 16;  ///< so many neighbouring characters stand in one term, wherever

/// The terms of one document, each once a field. Fed with what text::fold() gave, in any pieces that end between
/// characters. Linear.
class DocumentTerms {
public:
  struct Limits {
    std::size_t terms = 50'000;  ///< in all; a document with more is not worth describing
  };
  DocumentTerms() : DocumentTerms(Limits()) {}
  explicit DocumentTerms(const Limits& limits) : limits_(limits) {}

  /// What follows stands apart from what came before.
  void begin(Field field);
  void add(std::string_view folded);
  /// The text is complete.
  void end();
  /// There are more terms than the limit; what has been collected is not complete.
  bool too_many() const { return count_ > limits_.terms; }

  /// The terms of a field, separated by spaces; of the values those that the header does not have.
  std::string joined(Field field) const;
  const auto& of(Field field) const { return terms_[static_cast<std::size_t>(field)]; }

private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view octets) const noexcept { return std::hash<std::string_view>{}(octets); }
  };
  void take_word(std::string_view character);
  void take_unspaced(std::string_view character);
  void end_word();
  void end_unspaced();
  void keep(std::string_view term);

  Limits limits_;
  Field field_ = Field::body;
  std::string word_;                   ///< the run that goes on
  std::vector<std::uint32_t> starts_;  ///< of its characters
  std::size_t kept_until_ = 0;         ///< characters of it that some piece covers already
  std::string neighbour_;              ///< the character of an unspaced script before
  bool neighbour_has_term_ = false;
  std::array<std::unordered_set<std::string, Hash, std::equal_to<>>, field_count> terms_;
  std::size_t count_ = 0;
};

/// What a text that contains a query must have among its terms.
struct TermKey {
  enum class Fits {
    within,  ///< a term that contains the octets
    begins,  ///< one that begins with them
    ends,
    whole,  ///< one that is them
  };
  std::string octets;
  Fits fits = Fits::within;
  friend bool operator==(const TermKey&, const TermKey&) = default;
};

struct QueryKeys {
  /// Each must fit some term in the same field; most telling first. Empty: terms say nothing of this query.
  std::vector<TermKey> keys;
  /// Who fits contains the query; else the text must be read.
  bool exact = false;
};

/// For a folded query; at most four keys.
QueryKeys keys_for(std::string_view folded);

/// Whether a term is what a key asks for.
bool fits(const TermKey& key, std::string_view term);

}  // namespace mailpod::search
