#include "sort_scan.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <mailpod/text/casemap.hpp>
#include <mailpod/text/unicode.hpp>

#include "base_subject.hpp"

namespace mailpod::imap {
namespace {

using Key = SortCriterion::Key;

/// Longer texts are compared by so many octets: nobody tells more apart by eye, and a hostile subject has 32 KiB.
constexpr std::size_t longest_text = 512;
/// Where so long ones by the million would need too much memory, they are compared by fewer octets, but by so many:
/// what people write is not longer than what there is room for, and who writes longer gets mailbox order.
constexpr std::size_t shortest_text = 32;

using Addresses = std::vector<message::EnvelopeAddress>;

/// RFC 5256 §3: addr-mailbox of the first address.
std::string mailbox_of(const Addresses& addresses) {
  return addresses.empty() ? std::string() : addresses.front().mailbox.value_or("");
}

/// RFC 5957 §3.
std::string display_of(const Addresses& addresses) {
  if (addresses.empty()) return {};
  const auto& first = addresses.front();
  auto name = first.name ? message::decode_header_value(*first.name) : std::string();
  if (!name.empty()) return name;
  if (!first.mailbox) return {};
  return first.host ? *first.mailbox + '@' + *first.host : *first.mailbox;
}

std::string text_for(Key key, const message::Envelope& envelope) {
  switch (key) {
    case Key::cc:
      return mailbox_of(envelope.cc);
    case Key::display_from:
      return display_of(envelope.from);
    case Key::display_to:
      return display_of(envelope.to);
    case Key::from:
      return mailbox_of(envelope.from);
    case Key::subject:
      return base_subject(message::decode_header_value(envelope.subject.value_or(""))).text;
    case Key::to:
      return mailbox_of(envelope.to);
    default:
      return {};
  }
}

std::string compared(std::string_view text, std::size_t longest) {
  auto mapped = text::casemap(text::utf8_prefix(text, longest));
  if (mapped.size() > longest) mapped.resize(longest);
  return mapped;
}

/// So that negative times come before others.
std::uint64_t ordered(std::int64_t time) {
  return static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63U);
}

bool needs_structure(const SortCriterion& criterion) {
  return criterion.is_text() || criterion.key == Key::date;
}

}  // namespace

std::int64_t sent_time(const message::Structure* structure, const store::MessageState& state) {
  if (structure == nullptr || !structure->sent) return state.internal_date;
  return std::chrono::floor<std::chrono::seconds>(structure->sent->time).time_since_epoch().count();
}

std::string_view SortScan::Column::text(std::size_t row) const {
  const auto begin = row == 0 ? 0 : ends[row - 1];
  return std::string_view(octets).substr(begin, ends[row] - begin);
}

int SortScan::Column::compare(std::size_t left, std::size_t right) const {
  int order = 0;
  if (criterion.is_text()) {
    order = text(left).compare(text(right));
  } else {
    order = numbers[left] < numbers[right] ? -1 : numbers[left] > numbers[right] ? 1 : 0;
  }
  return criterion.order == SortCriterion::Order::descending ? -order : order;
}

void SortScan::Column::shorten(std::size_t longest) {
  std::size_t end = 0;
  std::size_t begin = 0;
  for (auto& its_end : ends) {
    const auto kept = std::min<std::size_t>(longest, its_end - begin);
    octets.replace(end, kept, octets, begin, kept);
    begin = std::exchange(its_end, end + kept);
    end += kept;
  }
  octets.resize(end);
}

SortScan::SortScan(const SortCriteria& criteria, Found found, const View& view, store::Vault& vault, base::Clock& clock,
                   std::size_t room)
    : found_(std::move(found)), view_(view), vault_(vault), clock_(clock), room_(room), longest_(longest_text) {
  for (const auto& criterion : criteria) columns_.push_back({criterion, {}, {}, {}});
}

bool SortScan::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  constexpr std::size_t between_looks_at_the_clock = 64;
  while (read_ < found_.messages.size()) {
    read(read_);
    if (++read_ % between_looks_at_the_clock == 0 && clock_.monotonic() > deadline) return true;
  }
  if (!order_) {
    std::vector<std::uint32_t> rows(found_.messages.size());
    std::iota(rows.begin(), rows.end(), 0U);
    order_.emplace(std::move(rows), Before{&columns_});
  }
  while (order_->next()) {
    if (clock_.monotonic() > deadline) return true;
  }
  put_in_order();
  return false;
}

bool SortScan::Before::operator()(std::uint32_t left, std::uint32_t right) const {
  for (const auto& column : *columns) {
    if (const int order = column.compare(left, right); order != 0) return order < 0;
  }
  return left < right;
}

void SortScan::read(std::size_t row) {
  const auto& state = view_.at(found_.messages[row]);
  std::shared_ptr<const message::Structure> structure;
  if (std::ranges::any_of(columns_, needs_structure, &Column::criterion)) {
    // One that cannot be read has no header fields, and is in its place all the same.
    auto found = vault_.structure(state);
    if (found.has_value()) structure = std::move(*found);
  }
  for (auto& column : columns_) {
    const auto key = column.criterion.key;
    if (column.criterion.is_text()) {
      if (structure) column.octets += compared(text_for(key, structure->envelope), longest_);
      column.ends.push_back(column.octets.size());
    } else {
      column.numbers.push_back(number_for(key, row, structure.get()));
    }
  }
  while (longest_ > shortest_text && octets() > room_) {
    longest_ /= 2;
    for (auto& column : columns_) column.shorten(longest_);
  }
}

std::size_t SortScan::octets() const {
  std::size_t all = 0;
  for (const auto& column : columns_) all += column.octets.size();
  return all;
}

std::uint64_t SortScan::number_for(Key key, std::size_t row, const message::Structure* structure) const {
  const auto& state = view_.at(found_.messages[row]);
  switch (key) {
    case Key::size:
      return state.size;
    case Key::date:
      return ordered(sent_time(structure, state));
    case Key::relevancy:
      return found_.scores.empty() ? 0 : 100U - found_.scores[row];
    default:
      return state.internal_date;
  }
}

void SortScan::put_in_order() {
  const auto& rows = order_->values();
  Found sorted = found_;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    sorted.messages[place] = found_.messages[rows[place]];
    if (!found_.scores.empty()) sorted.scores[place] = found_.scores[rows[place]];
  }
  found_ = std::move(sorted);
}

}  // namespace mailpod::imap
