#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// What systemd, or whoever speaks its language, gave this process and wants to hear from it: sd_notify(3),
/// sd_listen_fds(3), sd_watchdog_enabled(3). Where there is none, all of it does nothing.
class Supervisor {
public:
  /// Of the environment, from which it is removed: no child is to take it for its own. Before any thread starts.
  static Supervisor of_this_process();

  /// `socket`: where notifications go, a path, or an abstract name after `@`; empty: nowhere.
  explicit Supervisor(std::string socket, std::chrono::microseconds watchdog = std::chrono::microseconds(0))
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  void ready() const { notify("READY=1\nSTATUS=answering"); }
  void reloading() const;
  void stopping() const { notify("STOPPING=1\nSTATUS=stopping"); }
  /// Nothing hangs. `status` is what `systemctl status` shows.
  void alive(std::string_view status) const;
  /// How often alive() is to be said: a third of what the supervisor waits for it; a minute where it does not.
  std::chrono::microseconds watchdog_interval() const;

  /// Listening sockets that came with the process, by the names of their units' FileDescriptorName=. The caller owns
  /// them.
  std::map<std::string, int> take_sockets() { return std::exchange(sockets_, {}); }

private:
  void notify(const std::string& state) const;

  std::string socket_;
  std::chrono::microseconds watchdog_;
  std::map<std::string, int> sockets_;
};

/// What stands in LISTEN_FDNAMES for `count` descriptors from 3 on. A name that comes twice counts once, the first.
std::map<std::string, int> sockets_named(std::string_view names, int count);

}  // namespace mailpod::daemon
