#pragma once

#include <cstdint>
#include <vector>

#include <mailpod/text/cursor.hpp>

namespace mailpod::imap {

/// Whether a command's numbers count messages or name them. RFC 9051 §2.3.1.
enum class Numbers { sequence, uid };

/// Both ends included, `first <= last`.
struct NumberRange {
  std::uint32_t first;
  std::uint32_t last;
  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

/// Ascending ranges that neither overlap nor touch.
using NumberRanges = std::vector<NumberRange>;

/// `2,4:7,9,12:*` as sent, or `$`. RFC 3501 §9 "sequence-set". Kept as ranges: its cost does not grow with the numbers
/// in it.
class SequenceSet {
public:
  /// What `*` is kept as: no number of a message.
  static constexpr std::uint32_t star = 0;

  /// With `highest` in place of `*`: the largest sequence number, or the largest UID, in use.
  NumberRanges resolved(std::uint32_t highest) const;

  struct Item {
    std::uint32_t from;  ///< in the order as sent; either may be star
    std::uint32_t to;
  };
  std::vector<Item> items;
  /// `$`, what the last SEARCH saved: RFC 5182 §2.1. Then there are no items, and only a View knows what it means.
  bool saved_result = false;
};

/// At most `limit` ranges.
text::Parsed<SequenceSet> parse_sequence_set(text::Cursor& in, std::size_t limit);

/// What both hold. Linear.
NumberRanges common_of(const NumberRanges& left, const NumberRanges& right);

/// Sorts, and joins what overlaps or touches.
NumberRanges coalesced(NumberRanges ranges);

/// Binary search.
bool contains(const NumberRanges& ranges, std::uint32_t number);

/// How many numbers the ranges hold.
std::uint64_t count(const NumberRanges& ranges);

}  // namespace mailpod::imap
