#include "search_scan.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "header_fields.hpp"
#include "text_search.hpp"

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;

/// Name and address of each, as a person would write them: `Ann <ann@example.org>`.
std::string shown(const std::vector<message::EnvelopeAddress>& addresses) {
  std::string all;
  for (const auto& address : addresses) {
    if (address.name) all += message::decode_header_value(*address.name) + ' ';
    all += '<' + address.mailbox.value_or("");
    if (address.host) all += '@' + *address.host;
    all += "> ";
  }
  return all;
}

bool has_keyword(const store::Flags& flags, std::span<const std::string> keywords, std::string_view name) {
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    if (text::equal_fold(keywords[i], name)) return flags.has(1U << (store::Flags::first_keyword + i));
  }
  return false;
}

bool field_holds(std::string_view header, const SearchKey& key) {
  HeaderField field;
  while (take_field(header, field)) {
    if (!text::equal_fold(field.name, key.name)) continue;
    if (stands_in(key.text, text::fold(message::decode_header_value(field.value)))) return true;
  }
  return false;
}

std::chrono::sys_days sent_day(const message::Date& date) {
  // The day on the sender's calendar: "disregarding time and timezone".
  return std::chrono::floor<std::chrono::days>(date.time + date.zone);
}

}  // namespace

/// One message, read only as far as somebody asked.
class SearchScan::Candidate {
public:
  Candidate(const SearchScan& scan, store::SeqNum the_number)
      : number(the_number), state(scan.view_.at(the_number)), scan_(scan) {}

  const store::SeqNum number;
  const store::MessageState& state;

  const message::Structure& structure() {
    if (!structure_) {
      auto read = scan_.vault_.structure(state);
      if (read.has_error()) throw std::system_error(read.error());
      structure_ = std::move(*read);
    }
    return *structure_;
  }
  const std::string& header() {
    if (!header_) header_ = read_header(octets(), structure().root);
    return *header_;
  }
  bool was_read() const { return structure_ != nullptr; }
  const TextSearch& texts() {
    if (!texts_) {
      texts_.emplace(scan_.program_.texts);
      texts_->scan(octets(), structure(), scan_.stop_);
    }
    return *texts_;
  }

private:
  const base::OctetSource& octets() {
    if (!stored_) {
      auto opened = scan_.vault_.open_message(state);
      if (opened.has_error()) throw std::system_error(opened.error());
      stored_ = std::move(*opened);
    }
    return *stored_;
  }

  const SearchScan& scan_;
  std::shared_ptr<const message::Structure> structure_;
  std::unique_ptr<store::StoredMessage> stored_;
  std::optional<std::string> header_;
  std::optional<TextSearch> texts_;
};

SearchScan::SearchScan(SearchProgram program, const View& view, store::Vault& vault, base::Clock& clock)
    : program_(std::move(program)), view_(view), vault_(vault), clock_(clock) {
  resolve_sets(program_.root);
}

void SearchScan::resolve_sets(SearchKey& key) {
  if (key.kind == Kind::uid || key.kind == Kind::sequence) {
    key.index = sets_.size();
    sets_.push_back(key.set.resolved(key.kind == Kind::uid ? view_.highest_uid().value : view_.count()));
  }
  for (auto& inner : key.keys) resolve_sets(inner);
}

bool SearchScan::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  constexpr unsigned between_looks_at_the_clock = 64;  // where nothing but what is in memory was looked at
  bool read = false;
  for (unsigned looked = 0; next_ <= view_.count() && !stop_; ++next_) {
    if ((read || ++looked % between_looks_at_the_clock == 0) && clock_.monotonic() > deadline) return true;
    const store::SeqNum number{next_};
    if (view_.is_ghost(number)) continue;
    Candidate candidate(*this, number);
    try {
      if (matches(program_.root, candidate)) found_.push_back(number);
    } catch (const std::system_error&) {
      ++unreadable_;
    }
    read = candidate.was_read();
  }
  return next_ <= view_.count() && !stop_;
}

bool SearchScan::matches(const SearchKey& key, Candidate& candidate) const {
  const auto inner = [&](const SearchKey& one) { return matches(one, candidate); };
  const auto stands = [&](const std::string& text) { return stands_in(key.text, text::fold(text)); };
  const auto value = [&](const std::optional<std::string>& field) {
    return field.has_value() && stands(message::decode_header_value(*field));
  };
  switch (key.kind) {
    case Kind::both:
      return std::ranges::all_of(key.keys, inner);
    case Kind::either:
      return std::ranges::any_of(key.keys, inner);
    case Kind::negated:
      return !inner(key.keys.front());
    case Kind::sent_before:
      return candidate.structure().sent && sent_day(*candidate.structure().sent) < key.day;
    case Kind::sent_on:
      return candidate.structure().sent && sent_day(*candidate.structure().sent) == key.day;
    case Kind::sent_since:
      return candidate.structure().sent && sent_day(*candidate.structure().sent) >= key.day;
    case Kind::from:
      return stands(shown(candidate.structure().envelope.from));
    case Kind::to:
      return stands(shown(candidate.structure().envelope.to));
    case Kind::cc:
      return stands(shown(candidate.structure().envelope.cc));
    case Kind::bcc:
      return stands(shown(candidate.structure().envelope.bcc));
    case Kind::subject:
      return value(candidate.structure().envelope.subject);
    case Kind::message_id:
      return value(candidate.structure().envelope.message_id);
    case Kind::header:
      return field_holds(candidate.header(), key);
    case Kind::body:
      return candidate.texts().in_body(key.index);
    case Kind::text:
      return candidate.texts().in_message(key.index);
    default:
      return matches_state(key, candidate);
  }
}

bool SearchScan::matches_state(const SearchKey& key, const Candidate& candidate) const {
  const auto& state = candidate.state;
  const auto received =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(state.internal_date)));
  switch (key.kind) {
    case Kind::all:
      return true;
    case Kind::flag:
      return state.flags.has(key.bits);
    case Kind::keyword:
      return has_keyword(state.flags, view_.mailbox().keywords, key.text);
    case Kind::before:
      return received < key.day;
    case Kind::on:
      return received == key.day;
    case Kind::since:
      return received >= key.day;
    case Kind::larger:
      return state.size > key.number;
    case Kind::smaller:
      return state.size < key.number;
    case Kind::uid:
      return contains(sets_[key.index], state.uid.value);
    case Kind::sequence:
      return contains(sets_[key.index], candidate.number.value);
    default:
      return false;
  }
}

}  // namespace mailpod::imap
