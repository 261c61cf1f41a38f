#include <mailpod/store/vaults.hpp>

#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "vault_keeper.hpp"

namespace mailpod::store {
namespace {

using boost::asio::awaitable;

/// How long an opening waits for what arrived to be merged; the rest is announced as it comes.
constexpr std::chrono::milliseconds merge_wait{100};

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

class PodVaults final : public Vaults {
public:
  PodVaults(Vault::Ports ports, net::Pool& pool, Settings settings, net::Alarms& alarms,
            const RetentionTime* retention = nullptr)
      : keeping_(std::make_shared<Keeping>(ports, pool, std::move(settings), alarms)) {
    keeping_->retention = retention;
  }

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
  std::shared_ptr<Keeping> keeping_;
};

}  // namespace

std::unique_ptr<Vaults> make_vaults(Vault::Ports ports, net::Pool& pool, Vaults::Settings settings,
                                    net::Alarms& alarms) {
  return std::make_unique<PodVaults>(ports, pool, std::move(settings), alarms);
}

std::unique_ptr<Vaults> make_retaining_vaults(Vault::Ports ports, net::Pool& pool, Vaults::Settings settings,
                                              const RetentionTime& time, net::Alarms& alarms) {
  return std::make_unique<PodVaults>(ports, pool, std::move(settings), alarms, &time);
}

}  // namespace mailpod::store
