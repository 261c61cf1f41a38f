#include "partial_range.hpp"

#include <algorithm>

#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

text::Parsed<std::uint32_t> parse_place(text::Cursor& in, PartialRange::From from) {
  if (from == PartialRange::From::last && !in.take('-')) return in.error("'-'");
  return parse_nz_number(in);
}

/// The numbers at the places `first` to `last` of the list, counted from 1.
NumberRanges at_places(const NumberRanges& numbers, std::uint64_t first, std::uint64_t last) {
  NumberRanges taken;
  std::uint64_t before = 0;
  for (const auto& range : numbers) {
    const auto size = std::uint64_t{range.last} - range.first + 1;
    const auto from = std::max(first, before + 1);
    const auto to = std::min(last, before + size);
    if (from <= to) {
      const auto begin = range.first + static_cast<std::uint32_t>(from - before - 1);
      taken.push_back({begin, begin + static_cast<std::uint32_t>(to - from)});
    }
    before += size;
    if (before >= last) break;
  }
  return taken;
}

}  // namespace

text::Parsed<PartialRange> parse_partial_range(text::Cursor& in) {
  PartialRange range;
  range.from = in.next_is('-') ? PartialRange::From::last : PartialRange::From::first;
  const auto begin = parse_place(in, range.from);
  if (begin.has_error()) return begin.error();
  if (!in.take(':')) return in.error("':'");
  const auto end = parse_place(in, range.from);
  if (end.has_error()) return end.error();
  range.begin = *begin;
  range.end = *end;
  return range;
}

void write_partial_range(std::string& out, const PartialRange& range) {
  const std::string_view sign = range.from == PartialRange::From::last ? "-" : "";
  out += sign;
  write_number(out, range.begin);
  out += ':';
  out += sign;
  write_number(out, range.end);
}

NumberRanges part_of(const NumberRanges& numbers, const PartialRange& range) {
  const std::uint64_t near = std::min(range.begin, range.end);
  const std::uint64_t far = std::max(range.begin, range.end);
  if (range.from == PartialRange::From::first) return at_places(numbers, near, far);
  const auto all = count(numbers);
  if (near > all) return {};
  return at_places(numbers, far > all ? 1 : all - far + 1, all - near + 1);
}

}  // namespace mailpod::imap
