#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::imap {

/// A mailbox name with wildcards: `*` is anything, `%` anything within one level. RFC 3501 §6.3.8.
class ListPattern {
public:
  /// UTF-8. One longer than any name, or with more wildcards than anybody has a use for, matches nothing.
  explicit ListPattern(std::string_view pattern);

  /// Costs at most (wildcards + 1) × name steps, whatever the pattern.
  bool matches(std::string_view name) const;

  static constexpr std::size_t most_octets = 1'000;  ///< wildcards aside; a mailbox name is no longer
  static constexpr std::size_t most_wildcards = 16;

private:
  friend class ReachedPlaces;
  /// Octets that stand for themselves, and the wildcard after them.
  struct Piece {
    std::string literal;
    std::vector<std::size_t> borders;  ///< for each beginning of it: its longest other beginning that it ends with
    char wildcard = '\0';              ///< none: the pattern ends here
  };
  void end_piece(char wildcard);

  std::vector<Piece> pieces_;  ///< empty: matches nothing
};

}  // namespace mailpod::imap
