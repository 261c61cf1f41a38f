#include "resynchronization.hpp"

#include <algorithm>

#include "fetch_reading.hpp"
#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using store::SeqNum;
using store::Uid;

/// Octets of one VANISHED response: what a client's line buffer may be expected to hold. RFC 7162 §4.
constexpr std::size_t line_octets = 8'000;

bool holds_star(const SequenceSet& set) {
  return std::ranges::any_of(set.items, [](const SequenceSet::Item& item) {
    return item.from == SequenceSet::star || item.to == SequenceSet::star;
  });
}

text::Parsed<LastKnown::Match> parse_match(text::Cursor& in, const Dialect& dialect) {
  if (dialect.enabled.uid_only) return in.error("no message numbers, since UIDONLY is enabled");
  if (!in.take('(')) return in.error("known message numbers in parentheses");
  auto numbers = parse_sequence_set(in, dialect.settings.set_ranges);
  if (numbers.has_error()) return numbers.error();
  if (!in.take_space()) return in.error("SP and their UIDs");
  auto uids = parse_sequence_set(in, dialect.settings.set_ranges);
  if (uids.has_error()) return uids.error();
  if (holds_star(*numbers) || holds_star(*uids)) return in.error("known numbers and UIDs without '*'");
  if (!in.take(')')) return in.error("')'");
  return LastKnown::Match{std::move(*numbers), std::move(*uids)};
}

/// The last number of first…last whose message has the UID that follows from `uid` for `first`: as UIDs rise at least
/// as fast as numbers, those that fit stand together, and before them come only smaller UIDs.
std::uint32_t last_fitting(const View& view, std::uint32_t first, std::uint32_t last, std::uint32_t uid) {
  std::uint32_t below = 0;
  std::uint32_t above = last - first + 1;
  while (below < above) {
    const auto middle = below + (above - below) / 2;
    if (view.at(SeqNum{first + middle}).uid.value <= uid + middle) {
      below = middle + 1;
    } else {
      above = middle;
    }
  }
  if (below == 0 || view.at(SeqNum{first + below - 1}).uid.value != uid + below - 1) return 0;
  return first + below - 1;
}

}  // namespace

text::Parsed<LastKnown> parse_last_known(text::Cursor& in, const Dialect& dialect) {
  LastKnown known;
  if (!in.take('(')) return in.error("what is known, in parentheses");
  const auto validity = parse_nz_number(in);
  if (validity.has_error()) return validity.error();
  known.uid_validity.value = *validity;
  if (!in.take_space()) return in.error("SP and a mod-sequence");
  const auto mod_seq = parse_mod_seq(in);
  if (mod_seq.has_error()) return mod_seq.error();
  known.mod_seq = *mod_seq;
  bool more = in.take_space();
  if (more && !in.next_is('(')) {
    auto uids = parse_sequence_set(in, dialect.settings.set_ranges);
    if (uids.has_error()) return uids.error();
    if (holds_star(*uids)) return in.error("known UIDs without '*'");
    known.uids = std::move(*uids);
    more = in.take_space();
  }
  if (more) {
    auto match = parse_match(in, dialect);
    if (match.has_error()) return match.error();
    known.match = std::move(*match);
  }
  if (!in.take(')')) return in.error("')'");
  return known;
}

store::Uid known_up_to(const View& view, const LastKnown::Match& match) {
  const auto numbers = match.numbers.resolved(0);
  const auto uids = match.uids.resolved(0);
  Uid highest;
  auto number = numbers.begin();
  auto uid = uids.begin();
  std::uint32_t numbers_done = 0;  // of the present ranges
  std::uint32_t uids_done = 0;
  while (number != numbers.end() && uid != uids.end()) {
    const auto first = number->first + numbers_done;
    const auto first_uid = uid->first + uids_done;
    const auto step = std::min(number->last - first, uid->last - first_uid);
    if (first <= view.count()) {
      const auto fitting = last_fitting(view, first, std::min(first + step, view.count()), first_uid);
      if (fitting != 0) highest = view.at(SeqNum{fitting}).uid;
    }
    numbers_done += step + 1;
    uids_done += step + 1;
    if (first + step == number->last) {
      ++number;
      numbers_done = 0;
    }
    if (first_uid + step == uid->last) {
      ++uid;
      uids_done = 0;
    }
  }
  return highest;
}

awaitable<void> tell_vanished(Session& session, const NumberRanges& uids, store::ModSeq since) {
  const auto& view = session.selected().view;
  if (view.mailbox().expunged_mod_seq <= since) co_return;
  const auto look = [&]() -> Result<NumberRanges> { return view.vanished_in(uids); };
  const auto vanished = co_await session.on_pool(look);
  auto& out = session.out();
  std::size_t line_end = 0;
  for (const auto& range : *vanished) {
    const bool begins = line_end == 0 || out.text().size() >= line_end;
    if (begins && line_end != 0) {
      out.text() += "\r\n";
      co_await out.flush_if_large();
    }
    if (begins) line_end = out.text().size() + line_octets;
    out.text() += begins ? "* VANISHED (EARLIER) " : ",";
    write_range(out.text(), range);
  }
  if (line_end != 0) out.text() += "\r\n";
}

awaitable<bool> resynchronize(Session& session, const LastKnown& known) {
  const auto& view = session.selected().view;
  if (known.uid_validity != view.mailbox().uid_validity || view.mailbox().uid_next.value == 1) co_return true;
  const NumberRanges all{{1, view.mailbox().uid_next.value - 1}};
  const auto uids = known.uids ? common_of(known.uids->resolved(0), all) : all;
  const auto from = known.match ? known_up_to(view, *known.match).value + 1 : 1;
  const auto may_be_gone = common_of(uids, {{from, 0xffff'ffff}});
  co_await tell_vanished(session, may_be_gone, known.mod_seq);
  const auto look = [&]() -> Result<NumberRanges> { return view.changed_since(known.mod_seq, view.numbers_of(uids)); };
  const auto changed = co_await session.on_pool(look);
  std::vector<FetchItem> items;
  if (!session.enabled().uid_only) items.push_back(fetch_item("UID"));
  items.push_back(fetch_item("FLAGS"));
  items.push_back(fetch_item("MODSEQ"));
  FetchReading::Budget budget;
  budget.octets = session.settings().output;
  FetchReading reading({items, Need::state, session.enabled()}, view, *changed, session.vault(), session.ports().clock,
                       budget);
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) co_return false;
    more = reading.next(session.out().text());
    co_await session.out().flush_if_large();
  }
  co_return true;
}

}  // namespace mailpod::imap
