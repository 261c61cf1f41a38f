#include "generation.hpp"

namespace mailpod::search {
namespace {

constexpr std::uint8_t in_header = 1;
constexpr std::uint8_t in_body = 2;
constexpr std::uint8_t in_values = 4;

std::uint8_t mark_for(std::string_view column) {
  return column == "h" ? in_header : column == "b" ? in_body : in_values;
}

/// What is left of a row's marks. Fields that count as one share a mark, so that keys may fit in either.
std::uint8_t relevant(std::uint8_t marks, Where where) {
  switch (where) {
    case Where::body:
      return marks & in_body;
    case Where::message:
      return marks & (in_header | in_body);
    case Where::values:
      return (marks & (in_header | in_values)) != 0 ? in_header : 0;
  }
  return 0;
}

}  // namespace

void Generation::list_terms() {
  std::string all;
  auto terms = finished_ ? database_.prepare("SELECT octets FROM terms ORDER BY part")
                         : database_.prepare("SELECT term || char(10) FROM vocabulary");
  while (terms.step()) all += terms.octets(0);
  all.shrink_to_fit();
  list_.emplace(std::move(all));
}

std::vector<std::uint8_t> Generation::rows_of(const std::vector<std::string>& terms, Where where) {
  std::vector<std::uint8_t> rows(size());
  auto places = database_.prepare("SELECT doc, col FROM places WHERE term = ?1");
  for (const auto& term : terms) {
    places.bind_text(1, term);
    while (places.step()) {
      const auto row = static_cast<std::size_t>(places.number(0)) - 1;
      if (row < rows.size()) rows[row] |= mark_for(places.octets(1));
    }
  }
  for (auto& marks : rows) marks = relevant(marks, where);
  return rows;
}

std::optional<Generation::Fitting> Generation::rows_with(const std::vector<TermKey>& keys, Where where,
                                                         std::size_t most) {
  if (!list_) list_terms();
  Fitting fitting{std::vector<std::uint8_t>(size(), 0xff), true};
  bool any = false;
  for (const auto& key : keys) {
    const auto terms = list_->fitting(key, most);
    if (!terms) {
      fitting.all_keys = false;
      continue;
    }
    any = true;
    const auto rows = rows_of(*terms, where);
    for (std::size_t row = 0; row < rows.size(); ++row) fitting.rows[row] &= rows[row];
  }
  if (!any) return std::nullopt;
  return fitting;
}

}  // namespace mailpod::search
