#include "search_scan.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <mailpod/message/header_fields.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/message/searched_text.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "text_search.hpp"

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;

/// Texts of one search that the index is asked for; each answer takes an octet for every message.
constexpr std::size_t most_asked = 100;

bool has_keyword(const store::Flags& flags, std::span<const std::string> keywords, std::string_view name) {
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    if (text::equal_fold(keywords[i], name)) return flags.has(1U << (store::Flags::first_keyword + i));
  }
  return false;
}

bool field_holds(std::string_view header, const SearchKey& key) {
  message::SpelledField field;
  while (message::take_field(header, field)) {
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
    if (!header_) header_ = message::read_header(octets(), structure().root);
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
    const auto asked = asked_.size();
    try {
      const auto known = judge(program_.root, candidate);
      if (known == Verdict::yes || (known == Verdict::maybe && matches(program_.root, candidate)))
        found_.push_back(number);
    } catch (const std::system_error&) {
      ++unreadable_;
    }
    read = candidate.was_read() || asked_.size() != asked;
  }
  return next_ <= view_.count() && !stop_;
}

bool SearchScan::matches(const SearchKey& key, Candidate& candidate) {
  if (key.kind < Kind::both) {
    if (const auto known = judge(key, candidate); known != Verdict::maybe) return known == Verdict::yes;
  }
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
      return stands(message::written_addresses(candidate.structure().envelope.from));
    case Kind::to:
      return stands(message::written_addresses(candidate.structure().envelope.to));
    case Kind::cc:
      return stands(message::written_addresses(candidate.structure().envelope.cc));
    case Kind::bcc:
      return stands(message::written_addresses(candidate.structure().envelope.bcc));
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

SearchScan::Verdict SearchScan::ask_index(const std::string& text, search::Where where, const Candidate& candidate) {
  auto asked = asked_.find({where, text});
  if (asked == asked_.end() && (stop_ || asked_.size() == most_asked)) return Verdict::maybe;
  if (asked == asked_.end()) asked = asked_.emplace(std::pair(where, text), vault_.look_up(text, where)).first;
  return asked->second ? asked->second->of(candidate.state.record) : Verdict::maybe;
}

SearchScan::Verdict SearchScan::judge(const SearchKey& key, const Candidate& candidate) {
  switch (key.kind) {
    case Kind::both:
    case Kind::either:
    case Kind::negated:
      return judge_joined(key, candidate);
    case Kind::sent_before:
    case Kind::sent_on:
    case Kind::sent_since:
      return Verdict::maybe;
    case Kind::from:
    case Kind::to:
    case Kind::cc:
    case Kind::bcc:
    case Kind::subject:
    case Kind::message_id:
      return ask_index(key.text, search::Where::values, candidate);
    case Kind::header:
      // Where any value will do, the field's name must stand there.
      return ask_index(key.text.empty() ? text::fold(key.name) : key.text, search::Where::values, candidate);
    case Kind::body:
      return ask_index(key.text, search::Where::body, candidate);
    case Kind::text:
      return ask_index(key.text, search::Where::message, candidate);
    default:
      return matches_state(key, candidate) ? Verdict::yes : Verdict::no;
  }
}

SearchScan::Verdict SearchScan::judge_joined(const SearchKey& key, const Candidate& candidate) {
  if (key.kind == Kind::negated) {
    const auto inner = judge(key.keys.front(), candidate);
    return inner == Verdict::maybe ? inner : inner == Verdict::yes ? Verdict::no : Verdict::yes;
  }
  // One such verdict decides, all of the other kind do.
  const auto decisive = key.kind == Kind::both ? Verdict::no : Verdict::yes;
  auto joint = key.kind == Kind::both ? Verdict::yes : Verdict::no;
  for (const auto& one : key.keys) {
    const auto verdict = judge(one, candidate);
    if (verdict == decisive) return decisive;
    if (verdict == Verdict::maybe) joint = Verdict::maybe;
  }
  return joint;
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
    case Kind::mod_seq:
      return state.mod_seq >= key.mod_seq;
    case Kind::sequence:
      return contains(sets_[key.index], candidate.number.value);
    default:
      return false;
  }
}

}  // namespace mailpod::imap
