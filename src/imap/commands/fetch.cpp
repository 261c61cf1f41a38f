#include <algorithm>

#include "../fetch_modifiers.hpp"
#include "../fetch_reading.hpp"
#include "../resynchronization.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.5, with the modifiers of RFC 4466 §2.4.
namespace mailpod::imap::commands {
namespace {

struct Fetch {
  SequenceSet set;
  Numbers by;
  std::vector<FetchItem> items;
  FetchModifiers modifiers;

  Need need() const {
    Need most = Need::state;
    for (const auto& item : items) most = std::max(most, item.row->need);
    return most;
  }
  bool asks(std::string_view name) const {
    return std::ranges::any_of(items, [&](const FetchItem& item) { return item.row->name == name; });
  }
  bool sets_seen() const {
    return std::ranges::any_of(items, [](const FetchItem& item) { return item.row->seen == FetchItemRow::Seen::set; });
  }
};

/// What is shown whether asked or not: the UID by UID FETCH, RFC 3501 §6.4.8, if it does not stand before the items
/// anyway, RFC 9586 §3.3; MODSEQ beside CHANGEDSINCE, RFC 7162 §3.1.4.1.
void add_implied(Fetch& fetch, const Enabled& enabled) {
  if (fetch.by == Numbers::uid && !enabled.uid_only && !fetch.asks("UID")) {
    fetch.items.insert(fetch.items.begin(), fetch_item("UID"));
  }
  if (fetch.modifiers.changed_since && !fetch.asks("MODSEQ")) fetch.items.push_back(fetch_item("MODSEQ"));
}

template <Numbers by>
text::Parsed<Fetch> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a sequence set");
  auto set = parse_sequence_set(in, dialect.settings.set_ranges);
  if (set.has_error()) return set.error();
  if (!in.take_space()) return in.error("SP and FETCH items");
  SectionLimits limits;
  limits.header_fields = dialect.settings.header_fields;
  auto items = parse_fetch_items(in, dialect.settings.fetch_items, limits);
  if (items.has_error()) return items.error();
  auto modifiers = parse_fetch_modifiers(in, by, dialect);
  if (modifiers.has_error()) return modifiers.error();
  Fetch fetch{std::move(*set), by, std::move(*items), *modifiers};
  add_implied(fetch, dialect.enabled);
  return fetch;
}

/// Takes the first `most` numbers off the front of `rest`.
NumberRanges take_some(NumberRanges& rest, std::uint32_t most) {
  NumberRanges taken;
  auto range = rest.begin();
  for (; range != rest.end() && most > 0; ++range) {
    const auto size = range->last - range->first + 1;
    if (size > most) {
      taken.push_back({range->first, range->first + most - 1});
      range->first += most;
      break;
    }
    taken.push_back(*range);
    most -= size;
  }
  rest.erase(rest.begin(), range);
  return taken;
}

/// Reading a body sets \Seen, in one change for several messages. That it fails does not keep the client from reading.
awaitable<void> mark_seen(Session& session, const NumberRanges& numbers) {
  auto& vault = session.vault();
  auto& selected = session.selected();
  auto uids = selected.view.uids_at(numbers);
  std::erase_if(uids, [&](store::Uid uid) {
    const auto number = selected.view.find(uid);
    return !number || selected.view.at(*number).flags.has(store::Flags::seen);
  });
  if (uids.empty()) co_return;
  store::FlagChange seen;
  seen.how = store::FlagChange::How::add;
  seen.system = store::Flags::seen;
  const auto change = [&] { return vault.change_flags(selected.id, uids, seen, std::nullopt); };
  const auto changed = co_await session.on_lane(change);
  if (changed.has_error()) {
    session.ports().log.warning("imap cannot set \\Seen reason={}", base::printable(changed.error().message()));
  }
  session.look();
}

/// Writes the responses for some messages. False if the vault was closed meanwhile.
awaitable<bool> show(Session& session, FetchReading& reading, Need need) {
  auto& out = session.out();
  const auto open = session.open_vault();
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) {
      // As where a reading fails: within a literal nothing can be said.
      if (reading.is_within_message()) throw std::system_error(std::make_error_code(std::errc::operation_canceled));
      co_return false;
    }
    auto& text = out.text();
    if (need == Need::state) {
      more = reading.next(text);
    } else {
      const auto read = [&] { return reading.next(text); };
      more = co_await open->pool().run(read);
    }
    co_await out.flush_if_large();
  }
  session.selected().view.told(reading.told_flags());
  co_return true;
}

struct Missed {
  std::uint32_t gone = 0;
  std::uint32_t damaged = 0;
  std::uint32_t undecodable = 0;
};

Answer answer_for(const Fetch& fetch, const Missed& missed) {
  if (missed.damaged > 0) return no("[CORRUPTION] Some of the messages are damaged");
  if (missed.undecodable > 0) return no("[UNKNOWN-CTE] Some of the parts are in an encoding that is not known");
  // To whom it named UIDs, what is gone just does not exist: RFC 3501 §6.4.8.
  if (missed.gone > 0 && fetch.by == Numbers::sequence) {
    return no("[EXPUNGEISSUED] Some of the messages no longer exist");
  }
  return ok("FETCH completed");
}

/// What CHANGEDSINCE leaves of the numbers, and before it what vanished since. RFC 7162 §3.1.4.1, §3.2.6.
awaitable<NumberRanges> changed_of(Session& session, const Fetch& fetch, NumberRanges numbers) {
  const auto& view = session.selected().view;
  const auto since = *fetch.modifiers.changed_since;
  if (fetch.modifiers.vanished == FetchModifiers::Vanished::told) {
    // `*` would be the last message there is; those after it may be what vanished.
    const auto uids =
        fetch.set.saved_result ? view.saved() : fetch.set.resolved(std::max(1U, view.mailbox().uid_next.value - 1));
    co_await tell_vanished(session, uids, since);
  }
  const auto narrow = [&]() -> Result<NumberRanges> { return view.changed_since(since, numbers); };
  auto changed = co_await session.on_pool(narrow);
  co_return std::move(*changed);
}

awaitable<Answer> run(Session& session, const Fetch& fetch) {
  // So many messages are marked \Seen before they are sent: few, because the connection may break.
  constexpr std::uint32_t messages_marked_at_once = 100;
  auto& selected = session.selected();
  const auto& settings = session.settings();
  if (fetch.asks("MODSEQ")) session.enable_condstore();
  auto rest = selected.view.numbers_in(fetch.set, fetch.by);
  if (!rest) co_return bad("No such message number");
  if (fetch.modifiers.partial) rest = part_of(*rest, *fetch.modifiers.partial);
  if (fetch.modifiers.changed_since) {
    auto narrowing = changed_of(session, fetch, std::move(*rest));
    rest = co_await std::move(narrowing);
  }
  const bool marks = fetch.sets_seen() && selected.access == Access::read_write;
  const FetchReading::What what{fetch.items, fetch.need(), session.enabled()};
  Missed missed;
  while (!rest->empty()) {
    const auto numbers = marks ? take_some(*rest, messages_marked_at_once) : std::exchange(*rest, {});
    if (marks) co_await mark_seen(session, numbers);
    FetchReading::Budget budget;
    budget.octets = what.need == Need::octets ? settings.read_slice : settings.output;
    FetchReading reading(what, selected.view, numbers, session.vault(), session.ports().clock, budget);
    const bool shown = co_await show(session, reading, what.need);
    if (!shown) co_return session.answer_for(store::Errc::closed);
    missed.gone += reading.gone();
    missed.damaged += reading.damaged();
    missed.undecodable += reading.undecodable();
  }
  co_return answer_for(fetch, missed);
}

}  // namespace

awaitable<Answer> fetch(Session& session, text::Cursor in) {
  return parse_and_run<Fetch>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_fetch(Session& session, text::Cursor in) {
  return parse_and_run<Fetch>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
