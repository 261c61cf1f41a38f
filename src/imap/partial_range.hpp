#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <mailpod/text/cursor.hpp>

#include "sequence_set.hpp"

namespace mailpod::imap {

/// `1:500` or `-1:-100`: some of a list of messages, counted from its beginning or from its end. RFC 9394 §4.
struct PartialRange {
  enum class From { first, last };
  From from = From::first;
  std::uint32_t begin = 1;  ///< `begin` and `end` in the order as sent; 1 is the first, or the last
  std::uint32_t end = 1;

  friend bool operator==(const PartialRange&, const PartialRange&) = default;
};

text::Parsed<PartialRange> parse_partial_range(text::Cursor& in);
/// As sent.
void write_partial_range(std::string& out, const PartialRange& range);

/// The places in a list of so many that the range names, counted from 1; nothing if it lies beyond the list's end.
std::optional<NumberRange> places_in(std::uint32_t count, const PartialRange& range);

/// Those of `numbers` that the range names; none where it lies beyond their end. Linear in the ranges.
NumberRanges part_of(const NumberRanges& numbers, const PartialRange& range);

}  // namespace mailpod::imap
