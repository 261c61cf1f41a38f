#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/current.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/guard/buckets.hpp>
#include <mailpod/queue/returns.hpp>
#include <mailpod/queue/spool.hpp>
#include <mailpod/queue/watch.hpp>

namespace mailpod::governance {
class Gate;
}
namespace mailpod::members {
class Directory;
}
namespace mailpod::net {
class Pool;
}

namespace mailpod::delivery {

/// Stops what leaves the pod under a member's name once it is more than a member writes, or more of it is refused than
/// what a member writes would be: most likely somebody else has the member's password, and sends spam.
///
/// Nothing is lost and nobody is refused. What the member has sent and still waits is held in the queue, and so is what
/// they send from then on; the log says so, and whoever reads postmaster's mail finds a letter in their vault. It goes
/// on until an administrator has looked at it and calls release(): also after a restart, as long as the queue holds
/// something of it. Mail among members, and what is forwarded or goes to a group, is not touched.
///
/// Counts are in memory, of a fixed size, and forgotten at a restart. Any thread.
class Brake final : public queue::Watch {
public:
  struct Settings {
    guard::Rate recipients{300, 300};  ///< at other servers
    guard::Rate refused{50, 50};       ///< of these, for good
  };
  using Work = std::function<boost::asio::awaitable<void>()>;
  /// Borrowed; outlives the brake, and what it spawns.
  struct Ports {
    queue::Spool& queue;
    queue::Returns& returns;
    const members::Directory& directory;
    const governance::Gate& gate;
    net::Pool& pool;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    std::function<void(const queue::EntryId&)> look_at;  ///< an entry is held now: queue::Sender::look_at
    std::function<void(Work)> spawn;                     ///< runs it to its end, on a loop
  };

  /// Whoever's mail the queue holds by a brake is braked from the beginning.
  Brake(const Ports& ports, Settings settings);
  void set(Settings settings) { settings_.replace(settings); }

  /// The member sends a message to so many addresses at other servers: whether it is to be held.
  bool holds(MemberId member, std::size_t recipients);
  void refused(MemberId submitter, std::size_t recipients) override;

  /// The member may send again, as if nothing had been.
  void release(MemberId member);
  std::set<MemberId> braked() const;

  enum class Reason { recipients, refused };

private:
  bool count(MemberId member, std::size_t recipients, Reason reason);
  std::string key(MemberId member, Reason reason) const;
  boost::asio::awaitable<void> hold_and_tell(MemberId member, Reason reason);
  std::size_t hold_what_waits(MemberId member);
  boost::asio::awaitable<void> tell(const std::string& notice);

  Ports ports_;
  base::Current<Settings> settings_;
  guard::Buckets buckets_;
  mutable std::mutex mutex_;
  std::set<MemberId> braked_;
  std::map<MemberId, std::uint32_t> releases_;  ///< how often: each begins new buckets
};

}  // namespace mailpod::delivery
