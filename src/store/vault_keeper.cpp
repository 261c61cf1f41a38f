#include "vault_keeper.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <mailpod/base/freed_memory.hpp>
#include <mailpod/store/retention.hpp>

namespace mailpod::store {
namespace {

using boost::asio::awaitable;

/// Indexing for the search goes on in such slices and pauses, so that it never has a core for itself.
constexpr std::chrono::milliseconds index_slice{50};
constexpr std::chrono::milliseconds index_pause{10};

/// How often it is looked for messages whose time is over.
constexpr std::chrono::hours retention_every{1};

/// Messages. So many took tens of megabytes, in small pieces that the allocator would keep.
constexpr std::uint64_t much_to_give_back = 50'000;

/// On the lane.
void flush(Keeping& keeping, Opened& opened) {
  if (!opened.changed.exchange(false)) return;
  keeping.tell_usage_changed(opened.member);
  try {
    opened.vault->flush();
    if (std::exchange(opened.flush_fails, false))
      keeping.ports.log.info("vault flush works again member={}", opened.member.str());
  } catch (const std::system_error& error) {
    opened.changed = true;
    if (!std::exchange(opened.flush_fails, true))
      keeping.ports.log.error("vault flush failed member={} reason=\"{}\"", opened.member.str(), error.what());
  }
}

/// Merges until nothing is left. Several wishes while it runs are one wish.
awaitable<void> merge_all(std::shared_ptr<Keeping> keeping, std::shared_ptr<Slot> slot,
                          std::shared_ptr<Opened> opened) {
  if (opened->merges_wanted.fetch_add(1) > 0) co_return;
  int answered = 1;
  do {
    answered = opened->merges_wanted.load();
    auto slice = [&keeping, &slot, &opened] { return merge_slice(*keeping, *slot, *opened); };
    bool more = true;
    while (more) more = co_await slot->lane.run(slice);
  } while (opened->merges_wanted.fetch_sub(answered) > answered);
}

/// On the pool: true if more is left to index.
bool index_more(Keeping& keeping, Opened& opened) {
  if (opened.stopped || !opened.unindexed.exchange(false)) return false;
  try {
    const bool more = opened.vault->index_more(index_slice);
    if (more) opened.unindexed = true;
    return more;
  } catch (const std::system_error& error) {
    keeping.ports.log.error("indexing failed member={} reason=\"{}\"", opened.member.str(), error.what());
    return false;
  }
}

/// By what messages go now; nothing: by nothing.
std::optional<RetentionRules> rules_in_force(Keeping& keeping) {
  if (keeping.retention == nullptr) return std::nullopt;
  const auto in_force = keeping.settings.get();
  CharterRule charter;
  if (in_force->charter_days) charter = {in_force->charter_days(), keeping.retention->announced()};
  return RetentionRules{charter, keeping.retention->now()};
}

/// On the lane: the charter's rule counts from when this vault was open after it was announced.
void begin_round(Keeping& keeping, Opened& opened) {
  const auto rules = rules_in_force(keeping);
  if (opened.stopped || !rules) return;
  try {
    const auto noted = note_charter_rule(*opened.vault, rules->charter, rules->now, keeping.ports.clock.now());
    if (!noted)
      keeping.ports.log.warning("retention waits member={} reason=\"{}\"", opened.member.str(),
                                noted.error().message());
  } catch (const std::system_error& error) {
    keeping.ports.log.error("retention failed member={} reason=\"{}\"", opened.member.str(), error.what());
  }
}

/// On the pool: what is to go next. What cannot be read now is looked for again later.
std::optional<Outdated> find_outdated(Keeping& keeping, Opened& opened, RetentionRound& round) {
  const auto rules = rules_in_force(keeping);
  try {
    if (!opened.stopped && rules) return next_outdated(*opened.vault, *rules, round);
  } catch (const std::system_error& error) {
    keeping.ports.log.error("retention failed member={} reason=\"{}\"", opened.member.str(), error.what());
  }
  round.ended = true;
  return std::nullopt;
}

/// On the lane: what still is to go goes; a flag may have been set since. False if the disk refuses. Sessions see it as
/// any EXPUNGE.
bool drop(Keeping& keeping, Opened& opened, const Outdated& outdated) {
  const auto rules = rules_in_force(keeping);
  if (opened.stopped || !rules) return false;
  const auto going = still_outdated(*opened.vault->state(), outdated, *rules);
  auto uids = going.by_member;
  uids.insert(uids.end(), going.by_charter.begin(), going.by_charter.end());
  if (uids.empty()) return true;
  std::ranges::sort(uids);
  try {
    const auto gone = opened.vault->expunge(outdated.mailbox, uids, Vault::Expunge::all);
    if (!gone) return false;
  } catch (const std::system_error& error) {
    keeping.ports.log.error("retention failed member={} reason=\"{}\"", opened.member.str(), error.what());
    return false;
  }
  keeping.tell_usage_changed(opened.member);
  const auto in_force = keeping.settings.get();
  if (in_force->went_by_charter && !going.by_charter.empty())
    in_force->went_by_charter(opened.member, going.by_charter.size());
  return true;
}

/// One slice of a round.
awaitable<void> retain(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                       const std::shared_ptr<Opened>& opened, RetentionRound& round) {
  auto begin = [&keeping, &opened] { begin_round(*keeping, *opened); };
  if (!round.mailbox) co_await slot->lane.run(begin);
  auto find = [&keeping, &opened, &round] { return find_outdated(*keeping, *opened, round); };
  const auto outdated = co_await keeping->pool.run(find);
  if (!outdated) co_return;
  auto let_it_go = [&keeping, &opened, &outdated] { return drop(*keeping, *opened, *outdated); };
  const bool goes_on = co_await slot->lane.run(let_it_go);
  if (!goes_on) round.ended = true;
}

bool is_open_too_long(Keeping& keeping, std::chrono::microseconds since) {
  const auto in_force = keeping.settings.get();
  const auto longest = in_force->longest_open ? in_force->longest_open() : std::chrono::hours(0);
  return longest.count() != 0 && keeping.ports.clock.monotonic() - since >= longest;
}

/// On the lane: closes the vault where nobody needs it any more, or the charter wants it to be opened anew; unless what
/// was acknowledged cannot be written yet.
bool leave(Keeping& keeping, Slot& slot, const std::shared_ptr<Opened>& opened, std::chrono::microseconds since) {
  if (!opened->stopped) {
    flush(keeping, *opened);
    const bool is_over = keeping.idle_too_long(slot) || is_open_too_long(keeping, since);
    if (opened->flush_fails || !is_over) return false;
  }
  close_now(keeping, slot, opened);
  return true;
}

/// Soon after it was opened, and every so often while it stays so.
bool retention_is_due(Keeping& keeping, Opened& opened) {
  const auto now = std::chrono::floor<std::chrono::seconds>(keeping.ports.clock.monotonic()).count();
  const auto last = opened.retained_at.load();
  if (last >= 0 && now - last < std::chrono::seconds(retention_every).count()) return false;
  opened.retained_at = now;
  return true;
}

/// On the pool: nobody needs the vault any more. To clear the memory of a large one takes a while.
void let_go(std::shared_ptr<Opened>& opened) {
  std::uint64_t messages = 0;
  for (const auto& mailbox : opened->vault->state()->mailboxes) messages += mailbox->count;
  opened.reset();
  if (messages >= much_to_give_back) base::give_back_freed_memory();
}

/// Accompanies an open vault: makes flags durable, keeps the search index in step, closes it when nobody needs it any
/// more.
awaitable<void> keep(std::shared_ptr<Keeping> keeping, std::shared_ptr<Slot> slot, std::shared_ptr<Opened> opened) {
  opened->alarm = keeping->alarms.make(opened->loop);
  auto& alarm = *opened->alarm;
  auto make_durable = [&keeping, &opened] { flush(*keeping, *opened); };
  auto index = [&keeping, &opened] { return index_more(*keeping, *opened); };
  auto until_flush = keeping->settings.get()->flush_every;
  const auto since = keeping->ports.clock.monotonic();
  auto close_if_unused = [&keeping, &slot, &opened, since] { return leave(*keeping, *slot, opened, since); };
  bool indexing = false;
  bool retaining = false;
  RetentionRound round;
  bool closed = false;
  while (!closed) {
    const auto pause = indexing || retaining ? std::min(index_pause, until_flush) : until_flush;
    co_await alarm.wait(pause);
    until_flush -= pause;
    if (until_flush.count() <= 0 || opened->stopped) {
      until_flush = keeping->settings.get()->flush_every;
      if (opened->changed) co_await slot->lane.run(make_durable);
      const bool is_over = opened->stopped || keeping->idle_too_long(*slot) || is_open_too_long(*keeping, since);
      if (is_over) closed = co_await slot->lane.run(close_if_unused);
    }
    if (!closed && !retaining && until_flush == keeping->settings.get()->flush_every)
      retaining = retention_is_due(*keeping, *opened);
    if (!closed && retaining) {
      auto retention = retain(keeping, slot, opened, round);
      co_await std::move(retention);
      if (round.ended) {
        retaining = false;
        round = {};
      }
    }
    indexing = false;
    if (!closed && opened->unindexed) indexing = co_await keeping->pool.run(index);
  }
  opened->alarm.reset();
  slot.reset();
  auto end = [&opened] { let_go(opened); };
  co_await keeping->pool.run(end);  // before anybody hears that this keeper ended
  --keeping->keepers;
}

}  // namespace

void close_now(Keeping& keeping, Slot& slot, const std::shared_ptr<Opened>& opened) {
  {
    const std::scoped_lock lock(slot.mutex);
    if (slot.opened == opened) slot.opened = nullptr;
  }
  opened->stopped = true;
  try {
    opened->vault->close();
    keep_usage(keeping.usage_place(opened->member), keeping.ports.entropy, slot.meter.held());
  } catch (const std::system_error& error) {
    keeping.ports.log.error("vault closed uncleanly member={} reason=\"{}\"", opened->member.str(), error.what());
  }
  opened->vault->stop();
}

bool merge_slice(Keeping& keeping, Slot& slot, Opened& opened) {
  if (opened.stopped) return false;
  try {
    const auto arrivals = slot.meter.arrivals();
    const auto before = opened.vault->merged();
    const bool more = opened.vault->merge();
    slot.meter.took(opened.vault->merged() - before);
    if (!more && !opened.stopped) slot.meter.all_merged(arrivals);
    return more;
  } catch (const std::system_error& error) {
    // What waits stays in new/; the next announcement or opening tries again.
    keeping.ports.log.error("merge failed member={} reason=\"{}\"", opened.member.str(), error.what());
    return false;
  }
}

void start_keeper(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                  const std::shared_ptr<Opened>& opened) {
  ++keeping->keepers;
  boost::asio::co_spawn(opened->loop, keep(keeping, slot, opened), boost::asio::detached);
}

void wake_keeper(const std::shared_ptr<Opened>& opened) {
  boost::asio::post(opened->loop, [opened] {
    if (opened->alarm) opened->alarm->cancel();
  });
}

void start_merge(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                 const std::shared_ptr<Opened>& opened) {
  boost::asio::co_spawn(opened->loop, merge_all(keeping, slot, opened), boost::asio::detached);
}

}  // namespace mailpod::store
