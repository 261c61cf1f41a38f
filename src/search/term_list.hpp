#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <mailpod/search/likeness.hpp>
#include <mailpod/search/terms.hpp>

namespace mailpod::search {

/// Every term of one generation, in memory: what a substring can stand for.
class TermList {
public:
  /// `sorted` is terms, each followed by a line feed.
  explicit TermList(std::string sorted) : listed_("\n" + std::move(sorted)) {}

  /// A document's terms; those that are new wait outside the list.
  void take(const DocumentTerms& terms);
  /// So many came that the list should be made anew.
  bool is_outgrown() const { return recent_.size() > most_recent; }

  /// The terms that fit; nothing if they are more than `most`.
  std::optional<std::vector<std::string>> fitting(const TermKey& key, std::size_t most) const;
  /// The terms most like a word, by how like they are; at most `most` of them.
  std::map<unsigned, std::vector<std::string>> alike(const LikedWord& word, std::size_t most) const;
  std::size_t octets() const { return listed_.capacity() + recent_.size() * sizeof(std::string) * 2; }

private:
  static constexpr std::size_t most_recent = 50'000;
  bool is_listed(std::string_view term) const;

  std::string listed_;  ///< "\nterm\nterm\n"
  std::unordered_set<std::string> recent_;
};

}  // namespace mailpod::search
