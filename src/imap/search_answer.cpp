#include "search_answer.hpp"

#include <algorithm>
#include <span>

#include "response.hpp"
#include "session.hpp"

namespace mailpod::imap {
namespace {

using Messages = std::span<const store::SeqNum>;

/// Numbers that are written between two looks at how much there is to flush.
constexpr std::size_t numbers_at_once = 1'000;

struct Writer {
  Session& session;
  const View& view;
  const Found& found;
  const SearchAnswer& answer;

  std::string& text() const { return session.out().text(); }
  std::uint32_t number(store::SeqNum message) const {
    return answer.by == Numbers::uid ? view.at(message).uid.value : message.value;
  }
  void write(store::SeqNum message) const { write_number(text(), number(message)); }
};

/// Where the run of ascending neighbours that begins at `first` ends.
std::size_t run_end(const Writer& out, Messages messages, std::size_t first) {
  auto last = first;
  while (last + 1 < messages.size() && out.number(messages[last + 1]) == out.number(messages[last]) + 1) ++last;
  return last;
}

/// `2,10:15,21` in the order they have: RFC 5267 §3.2.
awaitable<void> write_set(const Writer& out, Messages messages) {
  std::size_t written = 0;
  for (std::size_t first = 0; first < messages.size();) {
    const auto last = run_end(out, messages, first);
    if (first != 0) out.text() += ',';
    out.write(messages[first]);
    if (last != first) {
      out.text() += ':';
      out.write(messages[last]);
    }
    first = last + 1;
    if (++written % numbers_at_once == 0) co_await out.session.out().flush_if_large();
  }
}

/// `* SEARCH 2 84`
awaitable<void> write_list(const Writer& out, std::string_view word) {
  out.text() += "* ";
  out.text() += word;
  std::size_t written = 0;
  for (const auto message : out.found.messages) {
    out.text() += ' ';
    out.write(message);
    if (++written % numbers_at_once == 0) co_await out.session.out().flush_if_large();
  }
  if (out.found.mod_seq) {
    out.text() += " (MODSEQ ";
    write_number(out.text(), out.found.mod_seq->value);
    out.text() += ')';
  }
  out.text() += "\r\n";
}

Messages part_of(Messages messages, const PartialRange& range) {
  const auto places = places_in(static_cast<std::uint32_t>(messages.size()), range);
  return places ? messages.subspan(places->first - 1, places->last - places->first + 1) : Messages();
}

void write_one(const Writer& out, std::string_view item, store::SeqNum message) {
  out.text() += item;
  out.write(message);
}

awaitable<void> write_partial(const Writer& out, const PartialRange& range) {
  out.text() += " PARTIAL (";
  write_partial_range(out.text(), range);
  out.text() += ' ';
  const auto part = part_of(out.found.messages, range);
  if (part.empty()) out.text() += "NIL";
  co_await write_set(out, part);
  out.text() += ')';
}

awaitable<void> write_scores(const Writer& out) {
  out.text() += " RELEVANCY (";
  std::size_t written = 0;
  for (const auto score : out.found.scores) {
    if (written != 0) out.text() += ' ';
    write_number(out.text(), score);
    if (++written % numbers_at_once == 0) co_await out.session.out().flush_if_large();
  }
  out.text() += ')';
}

/// Where MIN, MAX and a part are all that is told, theirs. RFC 7162 §3.1.10.
std::optional<store::ModSeq> told_mod_seq(const Writer& out) {
  const auto& returned = out.answer.returned;
  const Messages messages = out.found.messages;
  if (!out.found.mod_seq || returned.all || returned.count) return out.found.mod_seq;
  if (!returned.min && !returned.max && !returned.partial) return out.found.mod_seq;
  const auto least = returned.min ? highest_mod_seq(out.view, messages.first(1)) : std::nullopt;
  const auto most = returned.max ? highest_mod_seq(out.view, messages.last(1)) : std::nullopt;
  const auto part = returned.partial ? highest_mod_seq(out.view, part_of(messages, *returned.partial)) : std::nullopt;
  return std::max({least, most, part});
}

/// What is not there is left out, but for the count: RFC 4731 §3.1.
awaitable<void> write_extended(const Writer& out) {
  const auto& returned = out.answer.returned;
  const auto& messages = out.found.messages;
  const SearchCorrelator correlator{out.session.tag(), out.answer.by, out.answer.mailbox};
  write_search_correlator(out.text(), correlator, out.view, out.session.dialect());
  if (returned.min && !messages.empty()) write_one(out, " MIN ", messages.front());
  if (returned.max && !messages.empty()) write_one(out, " MAX ", messages.back());
  if (returned.all && !messages.empty()) {
    out.text() += " ALL ";
    co_await write_set(out, messages);
  }
  if (returned.partial) co_await write_partial(out, *returned.partial);
  if (returned.count) {
    out.text() += " COUNT ";
    write_number(out.text(), messages.size());
  }
  if (returned.relevancy) co_await write_scores(out);
  if (const auto mod_seq = told_mod_seq(out)) {
    out.text() += " MODSEQ ";
    write_number(out.text(), mod_seq->value);
  }
  out.text() += "\r\n";
}

}  // namespace

awaitable<void> write_search_answer(Session& session, const View& view, const Found& found,
                                    const SearchAnswer& answer) {
  const Writer out{session, view, found, answer};
  if (answer.form == SearchAnswer::Form::esearch) {
    co_await write_extended(out);
  } else {
    co_await write_list(out, answer.form == SearchAnswer::Form::sort ? "SORT" : "SEARCH");
  }
}

void write_search_correlator(std::string& out, const SearchCorrelator& correlator, const View& view,
                             const Dialect& dialect) {
  out += "* ESEARCH (TAG ";
  write_string(out, correlator.tag);
  if (correlator.mailbox) {
    out += " MAILBOX ";
    write_mailbox(out, *correlator.mailbox, dialect);
    out += " UIDVALIDITY ";
    write_number(out, view.mailbox().uid_validity.value);
  }
  out += ')';
  if (correlator.by == Numbers::uid) out += " UID";
}

std::optional<store::ModSeq> highest_mod_seq(const View& view, std::span<const store::SeqNum> messages) {
  std::optional<store::ModSeq> highest;
  for (const auto message : messages) highest = std::max(highest, std::optional(view.at(message).mod_seq));
  return highest;
}

NumberRanges saved_by(const SearchReturn& returned, const View& view, const Found& found) {
  NumberRanges uids;
  const auto add = [&](Messages messages) {
    for (const auto message : messages) {
      const auto uid = view.at(message).uid.value;
      uids.push_back({uid, uid});
    }
  };
  const Messages all = found.messages;
  const bool some = !returned.all && !returned.count && (returned.min || returned.max || returned.partial);
  if (!some) {
    add(all);
  } else if (!all.empty()) {
    if (returned.min) add(all.first(1));
    if (returned.max) add(all.last(1));
    if (returned.partial) add(part_of(all, *returned.partial));
  }
  return coalesced(std::move(uids));
}

}  // namespace mailpod::imap
