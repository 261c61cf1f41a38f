#include "vault_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <mailpod/base/freed_memory.hpp>

namespace mailpod::store {
namespace {

using boost::asio::awaitable;

/// Indexing for the search goes on in such slices and pauses, so that it never has a core for itself.
constexpr std::chrono::milliseconds index_slice{50};
constexpr std::chrono::milliseconds index_pause{10};

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

/// On the lane: closes the vault, unless somebody came meanwhile, or what was acknowledged cannot be written yet.
bool leave(Keeping& keeping, Slot& slot, const std::shared_ptr<Opened>& opened) {
  if (!opened->stopped) {
    flush(keeping, *opened);
    if (opened->flush_fails || !keeping.idle_too_long(slot)) return false;
  }
  close_now(keeping, slot, opened);
  return true;
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
  auto close_if_unused = [&keeping, &slot, &opened] { return leave(*keeping, *slot, opened); };
  auto index = [&keeping, &opened] { return index_more(*keeping, *opened); };
  auto until_flush = keeping->settings.get()->flush_every;
  bool indexing = false;
  bool closed = false;
  while (!closed) {
    const auto pause = indexing ? std::min(index_pause, until_flush) : until_flush;
    co_await alarm.wait(pause);
    until_flush -= pause;
    if (until_flush.count() <= 0 || opened->stopped) {
      until_flush = keeping->settings.get()->flush_every;
      if (opened->changed) co_await slot->lane.run(make_durable);
      const bool unused = opened->stopped || keeping->idle_too_long(*slot);
      if (unused) closed = co_await slot->lane.run(close_if_unused);
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
