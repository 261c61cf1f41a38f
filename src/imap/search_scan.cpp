#include "search_scan.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <mailpod/message/header_fields.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "object_id.hpp"
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

SearchScan::SearchScan(std::shared_ptr<const ResolvedSearch> search, const View& view, store::Vault& vault,
                       base::Clock& clock)
    : search_(std::move(search)), view_(view), vault_(vault), clock_(clock), now_(base::to_seconds(clock.now())) {}

SearchScan::SearchScan(SearchProgram program, const View& view, store::Vault& vault, base::Clock& clock)
    : SearchScan(std::make_shared<const ResolvedSearch>(std::move(program), view), view, vault, clock) {}

bool SearchScan::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  constexpr unsigned between_looks_at_the_clock = 64;  // where nothing but what is in memory was looked at
  const auto& program = search_->program();
  bool read = false;
  for (unsigned looked = 0; next_ <= count() && !stop_; ++next_) {
    if ((read || ++looked % between_looks_at_the_clock == 0) && clock_.monotonic() > deadline) return true;
    const auto number = only_ ? (*only_)[next_ - 1] : store::SeqNum{next_};
    if (view_.is_ghost(number)) continue;
    Candidate candidate(vault_, view_.at(number), number, program.texts, stop_);
    const auto asked = asked_.size() + liked_.size();
    try {
      const auto known = judge(program.root, candidate);
      if (known == Verdict::yes || (known == Verdict::maybe && matches(program.root, candidate))) {
        // Before it counts as found, for reading may fail.
        const auto relevancy = program.asks_fuzzily ? score(program.root, candidate).value_or(100) : 0;
        if (program.asks_fuzzily) scores_.push_back(static_cast<std::uint8_t>(relevancy));
        found_.push_back(number);
      }
    } catch (const std::system_error&) {
      ++unreadable_;
    }
    read = candidate.was_read() || asked_.size() + liked_.size() != asked;
  }
  return next_ <= count() && !stop_;
}

bool SearchScan::matches(const SearchKey& key, Candidate& candidate) {
  if (key.kind < Kind::both) {
    if (const auto known = judge(key, candidate); known != Verdict::maybe) return known == Verdict::yes;
  }
  if (key.fuzzy) return likeness(key, candidate) > 0;
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
    case Kind::saved_before:
      return candidate.saved_day() < key.day;
    case Kind::saved_on:
      return candidate.saved_day() == key.day;
    case Kind::saved_since:
      return candidate.saved_day() >= key.day;
    case Kind::email_id:
      return email_id(candidate.particulars()) == key.text;
    case Kind::thread_id:
      return thread_id(vault_.member(), candidate.structure(), candidate.particulars()) == key.text;
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
  if (key.fuzzy) return judge_fuzzy(key, candidate);
  switch (key.kind) {
    case Kind::both:
    case Kind::either:
    case Kind::negated:
      return judge_joined(key, candidate);
    case Kind::saved_before:
    case Kind::saved_on:
    case Kind::saved_since:
    case Kind::email_id:
    case Kind::thread_id:
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
    case Kind::older:
      return state.internal_date + key.number <= now_;
    case Kind::younger:
      return state.internal_date + key.number >= now_;
    case Kind::larger:
      return state.size > key.number;
    case Kind::smaller:
      return state.size < key.number;
    case Kind::uid:
      return contains(search_->set_of(key), state.uid.value);
    case Kind::mod_seq:
      return state.mod_seq >= key.mod_seq;
    case Kind::sequence:
      return contains(search_->set_of(key), candidate.number.value);
    default:
      return false;
  }
}

// What may be misspelled. RFC 6203.

namespace {

search::Where where_for(SearchKey::Kind kind) {
  return kind == Kind::body ? search::Where::body : kind == Kind::text ? search::Where::message : search::Where::values;
}

/// The text of a header's fields of this name, one behind the other.
std::string fields_called(std::string_view name, std::string_view header) {
  std::string all;
  message::SpelledField field;
  while (message::take_field(header, field)) {
    if (text::equal_fold(field.name, name)) all += message::decode_header_value(field.value) + '\n';
  }
  return all;
}

}  // namespace

const SearchScan::Liked& SearchScan::liked(const std::string& text, search::Where where) {
  const auto found = liked_.find({where, text});
  if (found != liked_.end()) return found->second;
  Liked liked{search::LikeQuery(text), nullptr};
  if (!stop_) liked.known = vault_.look_up_alike(liked.query, where);
  return liked_.emplace(std::pair(where, text), std::move(liked)).first->second;
}

SearchScan::Verdict SearchScan::judge_fuzzy(const SearchKey& key, const Candidate& candidate) {
  const auto where = where_for(key.kind);
  const auto& asked = liked(key.text, where);
  const auto known = asked.known ? asked.known->of(candidate.state.record) : std::nullopt;
  if (!known) return Verdict::maybe;
  if (*known == 0) return Verdict::no;
  // Which field the words stand in the index does not tell.
  return where == search::Where::values ? Verdict::maybe : Verdict::yes;
}

unsigned SearchScan::likeness(const SearchKey& key, Candidate& candidate) {
  const auto where = where_for(key.kind);
  const auto& asked = liked(key.text, where);
  if (where != search::Where::values) {
    const auto known = asked.known ? asked.known->of(candidate.state.record) : std::nullopt;
    return known ? *known : asked.query.likeness(candidate.terms(where));
  }
  const auto value = [&]() -> std::string {
    if (key.kind == Kind::header) return fields_called(key.name, candidate.header());
    const auto& envelope = candidate.structure().envelope;
    switch (key.kind) {
      case Kind::from:
        return message::written_addresses(envelope.from);
      case Kind::to:
        return message::written_addresses(envelope.to);
      case Kind::cc:
        return message::written_addresses(envelope.cc);
      case Kind::bcc:
        return message::written_addresses(envelope.bcc);
      case Kind::message_id:
        return message::decode_header_value(envelope.message_id.value_or(""));
      default:
        return message::decode_header_value(envelope.subject.value_or(""));
    }
  };
  search::DocumentTerms terms;
  terms.begin(search::Field::values);
  terms.add(text::fold(value()));
  terms.end();
  return asked.query.likeness(terms);
}

/// Of a message that was found; nothing where no fuzzy key has a say.
std::optional<unsigned> SearchScan::score(const SearchKey& key, Candidate& candidate) {
  if (key.fuzzy) {
    const auto alike = likeness(key, candidate);
    return alike == 0 ? std::nullopt : std::optional(alike);
  }
  if (key.kind != Kind::both && key.kind != Kind::either) return std::nullopt;
  // All of what was asked together: the mean. One of several: the best.
  unsigned sum = 0;
  unsigned best = 0;
  unsigned count = 0;
  for (const auto& one : key.keys) {
    const auto inner = score(one, candidate);
    if (!inner) continue;
    sum += *inner;
    best = std::max(best, *inner);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return key.kind == Kind::either ? best : sum / count;
}

}  // namespace mailpod::imap
