#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <mailpod/members/pod_time.hpp>

#include "login_counts.hpp"
#include "open_pod.hpp"
#include "overheard_log.hpp"

namespace mailpod::daemon {

/// What a daemon that runs says to the audit log by itself: that it began and ended, under which configuration, how
/// often members logged in, that the clock jumped, that something sealed did not open. What is asked of it, the desk
/// says. Blocks on the disk; any thread.
class AuditKeeper {
public:
  explicit AuditKeeper(OpenPod& pod);

  LoginCounts& logins() { return logins_; }
  /// What is said there is asked for from now on; outlives this.
  void listen_to(OverheardLog& log) { heard_ = &log; }

  void began(const Configuration& configuration);
  void reloaded(const Configuration& configuration, const std::vector<std::string>& at_restart);
  /// To be called about once a minute.
  void tend();
  void ended();

private:
  struct Settings {
    std::string digest;   ///< of all values
    std::string changed;  ///< names of those that differ from what was noted last, by commas
  };
  Settings note(const Configuration& configuration);
  void look_at_clock(std::vector<governance::AuditEvent>& events);
  void take_what_was_heard(std::vector<governance::AuditEvent>& events);
  void take_logins(std::vector<governance::AuditEvent>& events);
  void make_room();

  OpenPod& pod_;
  const members::PodTime time_;  ///< of its own, so that nobody waits for the desk's
  LoginCounts logins_;
  OverheardLog* heard_ = nullptr;
  std::mutex mutex_;
  base::Time last_wall_;
  std::chrono::microseconds last_monotonic_;
};

}  // namespace mailpod::daemon
