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

std::optional<NumberRange> places_in(std::uint32_t count, const PartialRange& range) {
  const auto near = std::min(range.begin, range.end);
  const auto far = std::min(std::max(range.begin, range.end), count);
  if (near > far) return std::nullopt;
  if (range.from == PartialRange::From::first) return NumberRange{near, far};
  return NumberRange{count - far + 1, count - near + 1};
}

NumberRanges part_of(const NumberRanges& numbers, const PartialRange& range) {
  const auto places = places_in(static_cast<std::uint32_t>(count(numbers)), range);
  return places ? at_places(numbers, places->first, places->last) : NumberRanges();
}

}  // namespace mailpod::imap
