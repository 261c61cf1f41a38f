#include "live_search.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "difference.hpp"
#include "new_messages.hpp"
#include "response.hpp"
#include "search_run.hpp"
#include "search_scan.hpp"

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;

/// How many ranges freeze_sets() would make of them.
std::size_t ranges_in(const SearchKey& key, const View& view) {
  std::size_t ranges = key.set.saved_result ? view.saved().size() : key.set.items.size();
  for (const auto& inner : key.keys) ranges += ranges_in(inner, view);
  return ranges;
}

/// Sets as they are now, as UIDs: RFC 5267 §4.3 has numbers evaluated once.
void freeze_sets(SearchKey& key, const View& view) {
  if (key.kind == Kind::uid || key.kind == Kind::sequence) {
    NumberRanges uids;
    if (key.kind == Kind::uid || key.set.saved_result) {
      uids = view.uids_in(key.set);
    } else {
      for (const auto& range : key.set.resolved(view.count())) {
        const auto first = std::max(range.first, 1U);
        const auto last = std::min(range.last, view.count());
        if (first <= last) uids.push_back({view.at({first}).uid.value, view.at({last}).uid.value});
      }
    }
    key.kind = Kind::uid;
    key.set = SequenceSet();
    for (const auto& range : uids) key.set.items.push_back({range.first, range.last});
  }
  for (auto& inner : key.keys) freeze_sets(inner, view);
}

/// Whether something else than a change of the mailbox can change what the key finds.
bool depends_on_time(const SearchKey& key) {
  if (key.kind == Kind::older || key.kind == Kind::younger) return true;
  return std::ranges::any_of(key.keys, depends_on_time);
}

/// Messages that are there and that the client was not told of yet.
std::vector<store::Uid> untold_arrivals(const View& view) {
  const auto& mailbox = view.mailbox();
  std::vector<store::Uid> uids;
  for (auto number = mailbox.lower_bound(view.told_below()).value; number <= mailbox.count; ++number) {
    uids.push_back(mailbox.at(store::SeqNum{number}).uid);
  }
  return uids;
}

void merge_in(std::vector<store::Uid>& into, const std::vector<store::Uid>& more) {
  if (more.empty()) return;
  std::vector<store::Uid> merged;
  merged.reserve(into.size() + more.size());
  std::ranges::merge(into, more, std::back_inserter(merged));
  into = std::move(merged);
}

void take_out(std::vector<store::Uid>& from, const std::vector<store::Uid>& gone) {
  std::erase_if(from, [&](store::Uid uid) { return std::ranges::binary_search(gone, uid); });
}

}  // namespace

LiveSearch::LiveSearch(Name name, SearchProgram program, const View& view, const Found& found)
    : name_(std::move(name)), looked_at_(view.version()), arrived_(untold_arrivals(view)) {
  freeze_sets(program.root, view);
  search_ = std::make_shared<const ResolvedSearch>(std::move(program), view);
  matching_.reserve(found.messages.size());
  for (const auto message : found.messages) matching_.push_back(view.at(message).uid);
  std::ranges::sort(matching_);
}

void LiveSearch::keep_sorted_by(const SortCriteria& criteria, const View& view, const Found& sorted) {
  std::vector<store::Uid> uids;
  uids.reserve(sorted.messages.size());
  for (const auto message : sorted.messages) uids.push_back(view.at(message).uid);
  order_.emplace(criteria, std::move(uids));
}

awaitable<void> LiveSearch::before_news(Session& session, const View& view) {
  if (view.version() == looked_at_) co_return;
  const auto news = difference(*looked_at_, *view.version());
  looked_at_ = view.version();
  auto looking = found_among(session, view, news.changed);
  const auto found = co_await std::move(looking);
  if (!found) co_return;
  const auto matched = [&](store::Uid uid) { return std::ranges::binary_search(matching_, uid); };
  std::vector<store::Uid> expunged;
  std::vector<store::Uid> changed;
  std::vector<store::Uid> added;
  std::ranges::copy_if(news.vanished, std::back_inserter(expunged), matched);
  std::ranges::copy_if(news.changed, std::back_inserter(changed),
                       [&](store::Uid uid) { return matched(uid) && !std::ranges::binary_search(*found, uid); });
  std::ranges::copy_if(*found, std::back_inserter(added), std::not_fn(matched));
  imap::take_out(matching_, expunged);
  imap::take_out(matching_, changed);
  merge_in(matching_, added);
  merge_in(added_, added);
  merge_in(changed_, changed);
  imap::take_out(arrived_, news.vanished);
  merge_in(arrived_, news.added);
  co_await take_out(session, view, std::move(expunged));
}

awaitable<void> LiveSearch::after_news(Session& session, const View& view) {
  // Of who is not told of arrivals, many may wait here; each command ends here.
  const std::vector<store::Uid> asked(arrived_.begin(), std::ranges::lower_bound(arrived_, view.told_below()));
  auto looking = found_among(session, view, asked);
  const auto found = co_await std::move(looking);
  if (!found) co_return;
  imap::take_out(arrived_, asked);
  merge_in(matching_, *found);
  merge_in(added_, *found);
  auto changed = std::exchange(changed_, {});
  co_await take_out(session, view, std::move(changed));
  co_await show(session, view, *found);
  auto added = std::exchange(added_, {});
  co_await put_in(session, view, std::move(added));
}

/// What arrived, and was not put there by the client itself. RFC 5465 §5.2, §7.
awaitable<void> LiveSearch::show(Session& session, const View& view, const std::vector<store::Uid>& arrived) const {
  if (name_.shown.empty()) co_return;
  NumberRanges uids;
  for (const auto uid : arrived) {
    if (uid >= session.selected().shown_below) uids.push_back({uid.value, uid.value});
  }
  auto numbers = view.numbers_of(coalesced(std::move(uids)));
  co_await show_new_messages(session, name_.shown, std::move(numbers));
}

awaitable<void> LiveSearch::take_out(Session& session, const View& view, std::vector<store::Uid> uids) {
  if (uids.empty()) co_return;
  constexpr std::string_view item = " REMOVEFROM (";
  if (!order_) {
    tell(session, view, item, uids);
    co_return;
  }
  const auto open = session.open_vault();
  const auto take = [&] { return order_->take_out(uids); };
  const auto steps = co_await open->pool().run(take);
  tell(session, view, item, steps);
}

awaitable<void> LiveSearch::put_in(Session& session, const View& view, std::vector<store::Uid> uids) {
  if (uids.empty()) co_return;
  constexpr std::string_view item = " ADDTO (";
  if (!order_) {
    tell(session, view, item, uids);
    co_return;
  }
  std::vector<store::SeqNum> fresh;
  for (const auto uid : uids) {
    if (const auto number = view.find(uid)) fresh.push_back(*number);
  }
  LiveOrder::Insertion insertion(*order_, std::move(fresh), view, session.vault(), session.ports().clock);
  const auto open = session.open_vault();
  const auto slice = [&insertion] { return insertion.next(search_slice); };
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) co_return;
    more = co_await open->pool().run(slice);
  }
  tell(session, view, item, insertion.steps());
}

awaitable<std::optional<std::vector<store::Uid>>> LiveSearch::found_among(Session& session, const View& view,
                                                                          const std::vector<store::Uid>& uids) const {
  std::vector<store::SeqNum> asked;
  for (const auto uid : uids) {
    if (const auto number = view.find(uid)) asked.push_back(*number);
  }
  std::vector<store::Uid> found;
  if (asked.empty()) co_return found;
  SearchScan scan(search_, view, session.vault(), session.ports().clock);
  scan.look_only_at(std::move(asked));
  const auto open = session.open_vault();
  const auto slice = [&scan] { return scan.next(search_slice); };
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) co_return std::nullopt;
    more = co_await open->pool().run(slice);
  }
  for (const auto message : scan.found()) found.push_back(view.at(message).uid);
  co_return found;
}

std::optional<std::uint32_t> LiveSearch::number_of(const Session& session, const View& view, store::Uid uid) const {
  if (by(session) == Numbers::uid) return uid.value;
  const auto found = view.find(uid);
  return found ? std::optional(found->value) : std::nullopt;
}

/// Who has given numbers up since then is told UIDs: RFC 9586 §3.
Numbers LiveSearch::by(const Session& session) const {
  return session.dialect().enabled.uid_only ? Numbers::uid : name_.by;
}

void LiveSearch::tell(Session& session, const View& view, std::string_view item,
                      const std::vector<store::Uid>& uids) const {
  NumberRanges numbers;
  for (const auto uid : uids) {
    if (const auto number = number_of(session, view, uid)) numbers.push_back({*number, *number});
  }
  if (numbers.empty()) return;
  auto& text = session.out().text();
  write_search_correlator(text, {name_.tag, by(session), name_.mailbox}, view, session.dialect());
  text += item;
  text += "0 ";
  write_ranges(text, coalesced(std::move(numbers)));
  text += ")\r\n";
}

/// A thousand steps a response, which lines hold well.
void LiveSearch::tell(Session& session, const View& view, std::string_view item, const Steps& steps) const {
  constexpr std::size_t most_at_once = 1'000;
  auto& text = session.out().text();
  std::size_t told = 0;
  for (const auto& step : steps) {
    const auto number = number_of(session, view, step.uid);
    if (!number) continue;
    if (told % most_at_once == 0) {
      if (told != 0) text += ")\r\n";
      write_search_correlator(text, {name_.tag, by(session), name_.mailbox}, view, session.dialect());
      text += item;
    } else {
      text += ' ';
    }
    ++told;
    write_number(text, step.place);
    text += ' ';
    write_number(text, *number);
  }
  if (told != 0) text += ")\r\n";
}

bool LiveSearches::has(std::string_view tag) const {
  return std::ranges::any_of(searches_, [&](const LiveSearch& one) { return one.name().tag == tag; });
}

bool LiveSearches::cancel(std::string_view tag) {
  return std::erase_if(searches_, [&](const LiveSearch& one) { return one.name().tag == tag; }) > 0;
}

awaitable<void> LiveSearches::before_news(Session& session, const View& view) {
  for (auto& search : searches_) {
    auto looking = search.before_news(session, view);
    co_await std::move(looking);
  }
}

awaitable<void> LiveSearches::after_news(Session& session, const View& view) {
  for (auto& search : searches_) {
    auto looking = search.after_news(session, view);
    co_await std::move(looking);
  }
}

std::optional<std::string_view> why_no_update(Session& session, const SearchReturn& returned) {
  if (!returned.update) return std::nullopt;
  if (!session.has_selected()) return "UPDATE is about the selected mailbox, and none is";
  if (session.selected().searches.has(session.tag())) return "Tag reuse";
  return std::nullopt;
}

void follow(Session& session, const SearchProgram& program, const Found& found, const SearchAnswer& answer) {
  auto& selected = session.selected();
  if (selected.searches.is_full()) {
    refuse_to_follow(session, "Too many searches are followed already");
  } else if (program.asks_fuzzily || depends_on_time(program.root)) {
    refuse_to_follow(session, "What this finds changes by itself");
  } else if (ranges_in(program.root, selected.view) > session.settings().set_ranges) {
    // They would be kept for as long as the mailbox is selected, `$` as often as it stands there.
    refuse_to_follow(session, "It names too many messages to remember");
  } else {
    LiveSearch search({session.tag(), answer.by, answer.mailbox, answer.returned.shown}, program, selected.view, found);
    if (!answer.sorted_by.empty()) search.keep_sorted_by(answer.sorted_by, selected.view, found);
    selected.searches.add(std::move(search));
  }
}

void refuse_to_follow(Session& session, std::string_view reason) {
  auto& text = session.out().text();
  text += "* NO [NOUPDATE ";
  write_string(text, session.tag());
  text += "] ";
  text += reason;
  text += "\r\n";
}

}  // namespace mailpod::imap
