#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <mailpod/base/current.hpp>
#include <mailpod/store/retaining_vaults.hpp>

#include "meter.hpp"

/// The vaults that are open, as who opens them and who accompanies them share them.
namespace mailpod::store {

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
  bool flush_fails = false;                   ///< on the lane; has been told
  std::atomic<std::int64_t> retained_at{-1};  ///< monotonic seconds, when it was last looked for what is outdated
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

/// Shared with the coroutines that accompany open vaults.
struct Keeping {
  Keeping(Vault::Ports its_ports, net::Pool& its_pool, Vaults::Settings its_settings, net::Alarms& its_alarms)
      : ports(its_ports), pool(its_pool), settings(std::move(its_settings)), alarms(its_alarms) {}
  Vault::Ports ports;
  net::Pool& pool;
  base::Current<Vaults::Settings> settings;
  net::Alarms& alarms;
  const RetentionTime* retention = nullptr;  ///< nullptr: no message goes by itself
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

}  // namespace mailpod::store
