#include "sequence_set.hpp"

#include <algorithm>
#include <limits>

namespace mailpod::imap {
namespace {

text::Parsed<std::uint32_t> parse_seq_number(text::Cursor& in) {
  if (in.take('*')) return SequenceSet::star;
  if (!in.next_is(text::octets::digit)) return in.error("a message number or '*'");
  const auto before = in;
  const auto number = in.number(std::numeric_limits<std::uint32_t>::max());
  if (number.has_error()) return number.error();
  if (*number == 0) return before.error("a message number above zero");
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

text::Parsed<SequenceSet> parse_sequence_set(text::Cursor& in, std::size_t limit) {
  SequenceSet set;
  set.saved_result = in.take('$');
  if (set.saved_result) return set;
  do {
    if (set.items.size() == limit) return in.error("fewer ranges in the sequence set");
    const auto from = parse_seq_number(in);
    if (from.has_error()) return from.error();
    std::uint32_t to = *from;
    if (in.take(':')) {
      const auto end = parse_seq_number(in);
      if (end.has_error()) return end.error();
      to = *end;
    }
    set.items.push_back({*from, to});
  } while (in.take(','));
  return set;
}

NumberRanges SequenceSet::resolved(std::uint32_t highest) const {
  NumberRanges ranges;
  ranges.reserve(items.size());
  for (const auto& item : items) {
    const auto from = item.from == star ? highest : item.from;
    const auto to = item.to == star ? highest : item.to;
    // `4:2` is `2:4`, and `3291:*` holds the last UID even if that is below 3291.
    ranges.push_back({std::min(from, to), std::max(from, to)});
  }
  return coalesced(std::move(ranges));
}

NumberRanges coalesced(NumberRanges ranges) {
  std::ranges::sort(ranges, [](const auto& left, const auto& right) { return left.first < right.first; });
  NumberRanges joined;
  for (const auto& range : ranges) {
    if (!joined.empty() && std::uint64_t{range.first} <= std::uint64_t{joined.back().last} + 1) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

NumberRanges common_of(const NumberRanges& left, const NumberRanges& right) {
  NumberRanges common;
  for (auto one = left.begin(), other = right.begin(); one != left.end() && other != right.end();) {
    const auto first = std::max(one->first, other->first);
    const auto last = std::min(one->last, other->last);
    if (first <= last) common.push_back({first, last});
    one->last < other->last ? ++one : ++other;
  }
  return common;
}

bool contains(const NumberRanges& ranges, std::uint32_t number) {
  const auto after = std::ranges::upper_bound(ranges, number, {}, &NumberRange::first);
  return after != ranges.begin() && number <= std::prev(after)->last;
}

std::uint64_t count(const NumberRanges& ranges) {
  std::uint64_t sum = 0;
  for (const auto& range : ranges) sum += std::uint64_t{range.last} - range.first + 1;
  return sum;
}

}  // namespace mailpod::imap
