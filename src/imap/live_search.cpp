#include "live_search.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "difference.hpp"
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
}

awaitable<void> LiveSearch::before_news(Session& session, const View& view) {
  if (view.version() == looked_at_) co_return;
  const auto news = difference(*looked_at_, *view.version());
  looked_at_ = view.version();
  auto looking = found_among(session, view, news.changed);
  const auto found = co_await std::move(looking);
  if (!found) co_return;
  std::vector<store::Uid> removed;
  std::vector<store::Uid> added;
  for (const auto* uids : {&news.vanished, &news.changed}) {
    std::ranges::copy_if(*uids, std::back_inserter(removed), [&](store::Uid uid) {
      return std::ranges::binary_search(matching_, uid) && !std::ranges::binary_search(*found, uid);
    });
  }
  std::ranges::copy_if(*found, std::back_inserter(added),
                       [&](store::Uid uid) { return !std::ranges::binary_search(matching_, uid); });
  std::ranges::sort(removed);
  take_out(matching_, removed);
  merge_in(matching_, added);
  merge_in(added_, added);
  take_out(arrived_, news.vanished);
  merge_in(arrived_, news.added);
  tell(session, view, " REMOVEFROM (0 ", removed);
}

awaitable<void> LiveSearch::after_news(Session& session, const View& view) {
  // Of who is not told of arrivals, many may wait here; each command ends here.
  const std::vector<store::Uid> asked(arrived_.begin(), std::ranges::lower_bound(arrived_, view.told_below()));
  auto looking = found_among(session, view, asked);
  const auto found = co_await std::move(looking);
  if (!found) co_return;
  take_out(arrived_, asked);
  merge_in(matching_, *found);
  merge_in(added_, *found);
  tell(session, view, " ADDTO (0 ", std::exchange(added_, {}));
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

void LiveSearch::tell(Session& session, const View& view, std::string_view item,
                      const std::vector<store::Uid>& uids) const {
  // Who has given numbers up since then is told UIDs: RFC 9586 §3.
  const auto by = session.enabled().uid_only ? Numbers::uid : name_.by;
  NumberRanges numbers;
  for (const auto uid : uids) {
    auto number = std::optional(uid.value);
    if (by == Numbers::sequence) {
      const auto found = view.find(uid);
      number = found ? std::optional(found->value) : std::nullopt;
    }
    if (number) numbers.push_back({*number, *number});
  }
  if (numbers.empty()) return;
  auto& text = session.out().text();
  write_search_correlator(text, {name_.tag, by, name_.mailbox}, view, session.dialect());
  text += item;
  write_ranges(text, coalesced(std::move(numbers)));
  text += ")\r\n";
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
    selected.searches.add(LiveSearch({session.tag(), answer.by, answer.mailbox}, program, selected.view, found));
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
