#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <span>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/current.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/queue/returns.hpp>
#include <mailpod/store/usage.hpp>
#include <utility>

namespace mailpod::governance {
class Gate;
}
namespace mailpod::net {
class Pool;
}
namespace mailpod::store {
class Vaults;
}

namespace mailpod::delivery {

/// What a member may keep now: as the acts about them say, or else the charter. Any thread.
store::Quota quota_for(const governance::Gate& gate, MemberId member, base::Time at);

/// How full a vault of so many percent is, for one who was told `before`: the mark of 80, 95 or 100 that it has
/// reached; one is left only five points below it, so that nobody is told of the same again and again. Nothing
/// below 80.
std::optional<members::Fullness> fullness_at(std::uint64_t percent, const std::optional<members::Fullness>& before,
                                             base::Time now);

/// Holds members' vaults to their quotas where mail comes in, and tells the members before it comes to that.
///
/// A vault that is full still takes mail for a while, a little beyond its quota, so that a member has time to make
/// room. Then senders are told to try again later, and nothing is lost that arrives within the days that their servers
/// try; and if the member does nothing about it for long, that the mailbox is full, so that they hear of it at once.
/// What the member themselves puts there (APPEND, COPY) ends at the quota: store::Vault.
///
/// A message is judged before it comes, so a vault may be beyond its limit by what was accepted at the same time.
class Quotas {
public:
  struct Settings {
    std::chrono::seconds grace = std::chrono::days(7);  ///< for so long a full vault takes mail
    std::uint32_t grace_percent = 10;                   ///< and so far beyond its quota
    std::chrono::seconds refuse_after =
        std::chrono::days(30);  ///< full for so long, it refuses mail for good; 0: never
  };
  using Work = std::function<boost::asio::awaitable<void>()>;
  /// Borrowed; outlives the quotas, and what they spawn.
  struct Ports {
    members::Directory& directory;
    const governance::Gate& gate;
    store::Vaults& vaults;
    queue::Returns& returns;
    net::Pool& pool;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    std::function<void(Work)> spawn;  ///< runs it to its end, on a loop
  };

  Quotas(Ports ports, Settings settings) : ports_(std::move(ports)), settings_(settings) {}
  void set(Settings settings) { settings_.replace(settings); }

  /// Whether mail for these may come in: as soon as one of them has room. Errors: smtp::Errc::mailbox_full,
  /// mailbox_full_for_long. Loop. What cannot be counted is taken.
  boost::asio::awaitable<Status> consider(std::span<const MemberId> members);

  /// What the member's vault holds may have changed: they are told if it is time. Any thread; returns at once.
  void look_at(MemberId member);

private:
  Status judge(const members::Person& person, const store::Usage& usage) const;
  boost::asio::awaitable<void> tell(MemberId member);
  std::optional<members::Fullness> next_for(const members::Person& person) const;

  Ports ports_;
  base::Current<Settings> settings_;
  std::mutex mutex_;
  std::set<MemberId> telling_;  ///< guarded by mutex_
};

}  // namespace mailpod::delivery
