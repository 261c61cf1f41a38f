#include <mailpod/store/vaults.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <mailpod/base/current.hpp>
#include <mailpod/base/freed_memory.hpp>

#include "meter.hpp"

namespace mailpod::store {
namespace {

using boost::asio::awaitable;

/// How long an opening waits for what arrived to be merged; the rest is announced as it comes.
constexpr std::chrono::milliseconds merge_wait{100};

/// Indexing for the search goes on in such slices and pauses, so that it never has a core for itself.
constexpr std::chrono::milliseconds index_slice{50};
constexpr std::chrono::milliseconds index_pause{10};

/// Messages. So many took tens of megabytes, in small pieces that the allocator would keep.
constexpr std::uint64_t much_to_give_back = 50'000;

/// A vault that is open, and what goes on around it.
struct Opened {
  MemberId member;
  std::unique_ptr<Vault> vault;
  boost::asio::any_io_executor loop;  ///< where its timer and its merges run
  std::unique_ptr<net::Alarm> alarm;  ///< only on `loop`
  std::shared_ptr<void> bell;
  std::atomic<bool> changed{false};   ///< something may wait for a flush
  std::atomic<bool> unindexed{true};  ///< something may be missing from the search index
  std::atomic<bool> stopped{false};
  std::atomic<int> merges_wanted{0};
  bool flush_fails = false;  ///< on the lane; has been told
};

/// A member's place among the open vaults. The lane orders openings, changes and closings, so that a vault never has
/// two writers; it stays when the vault closes.
struct Slot {
  explicit Slot(net::Pool& pool) : lane(pool) {}
  net::Lane lane;
  std::mutex mutex;
  std::shared_ptr<Opened> opened;        ///< guarded by mutex; changed on the lane only
  std::size_t sessions = 0;              ///< guarded by mutex
  std::chrono::microseconds left_at{0};  ///< guarded by mutex; when the last session went, monotonic
  Meter meter;

  std::shared_ptr<Opened> present() {
    const std::scoped_lock lock(mutex);
    return opened;
  }
};

/// What one session holds.
class Tenancy final : public OpenVault {
public:
  Tenancy(std::shared_ptr<Slot> slot, std::shared_ptr<Opened> opened, net::Pool& pool, base::Clock& clock)
      : slot_(std::move(slot)), opened_(std::move(opened)), pool_(pool), clock_(clock) {}
  ~Tenancy() override {
    const std::scoped_lock lock(slot_->mutex);
    if (slot_->opened != opened_) return;  // closed over the session's head
    if (--slot_->sessions == 0) slot_->left_at = clock_.monotonic();
  }
  Vault& vault() override { return *opened_->vault; }
  net::Lane& lane() override { return slot_->lane; }
  net::Pool& pool() override { return pool_; }
  bool closed() const override { return opened_->stopped; }

private:
  std::shared_ptr<Slot> slot_;
  std::shared_ptr<Opened> opened_;
  net::Pool& pool_;
  base::Clock& clock_;
};

/// Shared with the coroutines that accompany open vaults.
struct Keeping {
  Keeping(Vault::Ports its_ports, net::Pool& its_pool, Vaults::Settings its_settings, net::Alarms& its_alarms)
      : ports(its_ports), pool(its_pool), settings(std::move(its_settings)), alarms(its_alarms) {}
  Vault::Ports ports;
  net::Pool& pool;
  base::Current<Vaults::Settings> settings;
  net::Alarms& alarms;
  std::mutex mutex;
  std::map<MemberId, std::shared_ptr<Slot>> slots;  ///< guarded by mutex
  std::atomic<std::size_t> keepers{0};
  std::atomic<bool> shutting_down{false};

  std::shared_ptr<Slot> slot(MemberId member) {
    const std::scoped_lock lock(mutex);
    auto& known = slots[member];
    if (!known) known = std::make_shared<Slot>(pool);
    return known;
  }
  std::shared_ptr<Slot> find(MemberId member) {
    const std::scoped_lock lock(mutex);
    const auto known = slots.find(member);
    return known == slots.end() ? nullptr : known->second;
  }
  UsagePlace usage_place(MemberId member) {
    const auto in_force = settings.get();
    return {ports.disk, base::join(in_force->members, member.str()), member, in_force->usage_key};
  }
  void tell_usage_changed(MemberId member) {
    const auto in_force = settings.get();
    if (in_force->usage_changed) in_force->usage_changed(member);
  }
  bool idle_too_long(Slot& slot) {
    const auto linger = settings.get()->linger;
    const std::scoped_lock lock(slot.mutex);
    return slot.sessions == 0 && ports.clock.monotonic() - slot.left_at >= linger;
  }
};

/// On the lane: the vault closes. What is being read goes on until it notices.
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

void start_keeper(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                  const std::shared_ptr<Opened>& opened) {
  ++keeping->keepers;
  boost::asio::co_spawn(opened->loop, keep(keeping, slot, opened), boost::asio::detached);
}

/// On the lane: opens the vault, with a keeper from its first moment on.
Result<std::shared_ptr<Opened>> open_now(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                                         const sasl::Login& login, const boost::asio::any_io_executor& loop) {
  const auto in_force = keeping->settings.get();
  const auto& settings = *in_force;
  auto vault = Vault::open(keeping->ports, base::join(settings.members, login.member.str()), login.member,
                           login.vault_key, settings.pod_public_key, settings.vault);
  if (!vault) return vault.error();
  auto opened = std::make_shared<Opened>();
  opened->member = login.member;
  opened->vault = std::move(*vault);
  opened->loop = loop;
  opened->vault->limit_by([keeping = keeping.get(), member = login.member] {
    const auto now = keeping->settings.get();
    return now->quota_of ? now->quota_of(member) : Quota();
  });
  slot->meter.hold(*opened->vault);
  // The bell lives in the vault it rings for, so it must own neither that nor the slot that holds it.
  opened->bell = opened->vault->subscribe([watched = opened.get(), meter = &slot->meter] {
    meter->hold(*watched->vault);
    watched->changed = watched->unindexed = true;
  });
  {
    const std::scoped_lock lock(slot->mutex);
    slot->opened = opened;
    slot->sessions = 1;
  }
  start_keeper(keeping, slot, opened);
  return opened;
}

/// On the lane: a session more in the vault that is open, or in one opened now.
Result<std::shared_ptr<Opened>> enter(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                                      const sasl::Login& login, const boost::asio::any_io_executor& loop) {
  if (keeping->shutting_down) return make_error_code(Errc::closed);
  auto opened = slot->present();
  if (opened && !opened->stopped) {
    const std::scoped_lock lock(slot->mutex);
    ++slot->sessions;
    return opened;
  }
  // Its keeper has not come to it yet; the journal must have one writer.
  if (opened) close_now(*keeping, *slot, opened);
  return open_now(keeping, slot, login, loop);
}

/// On the lane: what a closed vault holds; of an open one, what is merged.
Usage count(Keeping& keeping, Slot& slot, MemberId member) {
  if (const auto known = slot.meter.known()) return *known;
  if (slot.present()) return slot.meter.held();
  slot.meter.begin_count();
  try {
    slot.meter.finish_count(count_usage(keeping.usage_place(member)));
  } catch (...) {
    slot.meter.give_up_count();
    throw;
  }
  return *slot.meter.known();
}

void start_merge(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                 const std::shared_ptr<Opened>& opened) {
  boost::asio::co_spawn(opened->loop, merge_all(keeping, slot, opened), boost::asio::detached);
}

class PodVaults final : public Vaults {
public:
  PodVaults(Vault::Ports ports, net::Pool& pool, Settings settings, net::Alarms& alarms)
      : keeping_(std::make_shared<Keeping>(ports, pool, std::move(settings), alarms)) {}

  awaitable<Result<std::shared_ptr<OpenVault>>> open(sasl::Login login) override {
    if (!login.vault_key) co_return make_error_code(Errc::wrong_key);
    const auto loop = co_await boost::asio::this_coro::executor;
    const auto slot = keeping_->slot(login.member);
    Keeping& keeping = *keeping_;
    auto entering = [this, &slot, &login, &loop] { return enter(keeping_, slot, login, loop); };
    auto entered = co_await slot->lane.run(entering);
    if (!entered) co_return entered.error();
    const std::shared_ptr<Opened>& opened = *entered;
    std::shared_ptr<OpenVault> tenancy = std::make_shared<Tenancy>(slot, opened, keeping.pool, keeping.ports.clock);
    // Asked only now that close() would find the vault open: a revocation is either seen here or closes it.
    if (!login.stands()) {
      close(login.member);
      co_return make_error_code(Errc::closed);
    }

    const auto until = keeping.ports.clock.monotonic() + merge_wait;
    auto slice = [&keeping, &slot, &opened] { return merge_slice(keeping, *slot, *opened); };
    bool more = true;
    while (more && keeping.ports.clock.monotonic() < until) more = co_await slot->lane.run(slice);
    if (more) start_merge(keeping_, slot, opened);
    co_return tenancy;
  }

  awaitable<Usage> usage(MemberId member) override {
    if (const auto known = known_usage(member)) co_return *known;
    const auto slot = keeping_->slot(member);
    auto counting = [this, &slot, member] { return count(*keeping_, *slot, member); };
    co_return co_await slot->lane.run(counting);
  }

  std::optional<Usage> known_usage(MemberId member) const override {
    const auto slot = keeping_->find(member);
    return slot ? slot->meter.known() : std::nullopt;
  }

  void announce(MemberId member, Arrival arrival) override {
    const auto slot = keeping_->find(member);
    if (slot) slot->meter.arrived(arrival.message, arrival.sealed_size);
    keeping_->tell_usage_changed(member);
    const auto opened = slot ? slot->present() : nullptr;
    if (!opened || opened->stopped) return;
    opened->vault->hand_over(std::move(arrival));
    start_merge(keeping_, slot, opened);
  }

  void close(MemberId member) override {
    const auto slot = keeping_->find(member);
    const auto opened = slot ? slot->present() : nullptr;
    if (!opened) return;
    opened->stopped = true;
    opened->vault->stop();
    wake_keeper(opened);
  }

  awaitable<void> alone(MemberId member, std::function<void()> work) override {
    const auto slot = keeping_->slot(member);
    auto working = [this, &slot, &work] {
      if (const auto opened = slot->present()) close_now(*keeping_, *slot, opened);
      work();
    };
    co_await slot->lane.run(working);
  }

  void set(const Settings& settings) override { keeping_->settings.replace(settings); }

  awaitable<void> close_all() override {
    keeping_->shutting_down = true;
    std::vector<std::shared_ptr<Slot>> slots;
    {
      const std::scoped_lock lock(keeping_->mutex);
      for (const auto& [member, slot] : keeping_->slots) slots.push_back(slot);
    }
    for (const auto& slot : slots) {
      // Whoever came before the door closed is inside after this, and seen.
      auto wait_for_entering = [] { return true; };
      co_await slot->lane.run(wait_for_entering);
      const auto opened = slot->present();
      if (!opened) continue;
      opened->stopped = true;
      opened->vault->stop();
      wake_keeper(opened);
    }
    const auto loop = co_await boost::asio::this_coro::executor;
    const auto alarm = keeping_->alarms.make(loop);
    constexpr std::chrono::milliseconds pause{5};
    while (keeping_->keepers > 0) co_await alarm->wait(pause);
  }

private:
  static void wake_keeper(const std::shared_ptr<Opened>& opened) {
    boost::asio::post(opened->loop, [opened] {
      if (opened->alarm) opened->alarm->cancel();
    });
  }

  std::shared_ptr<Keeping> keeping_;
};

}  // namespace

std::unique_ptr<Vaults> make_vaults(Vault::Ports ports, net::Pool& pool, Vaults::Settings settings,
                                    net::Alarms& alarms) {
  return std::make_unique<PodVaults>(ports, pool, std::move(settings), alarms);
}

}  // namespace mailpod::store
