#include <array>
#include <csignal>
#include <cstring>

#include <pthread.h>
#include <unistd.h>

#include <mailpod/base/spdlog_log.hpp>

#include "../commands.hpp"
#include "../privileges.hpp"
#include "../server.hpp"
#include "../supervisor.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

/// SIGTERM, SIGINT and SIGHUP, held back in this and every later thread, to be awaited in one place.
class Signals {
public:
  Signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::sigaddset(&set_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  /// The next one; nothing if none comes within `limit`.
  std::optional<int> wait(std::chrono::microseconds limit) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    const timespec most{seconds.count(), std::chrono::nanoseconds(limit - seconds).count()};
    const int signal = ::sigtimedwait(&set_, nullptr, &most);
    return signal > 0 ? std::optional(signal) : std::nullopt;
  }

private:
  sigset_t set_{};
};

void say_ready(int descriptor) {
  constexpr std::string_view line = "ready\n";
  if (::write(descriptor, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::system_error(errno, std::generic_category(), "--ready-fd");
  ::close(descriptor);
}

base::LogSettings log_settings(const PodFolder& folder, const Configuration& configuration) {
  base::LogSettings settings{configuration.log_level, {}};
  if (!configuration.log_file.empty()) settings.file = folder.at(configuration.log_file);
  return settings;
}

/// Reloads at SIGHUP, and says to the service manager that all goes on as long as every loop turns. The signal that
/// ends it.
int serve_until_told(Server& server, const Signals& signals, const Supervisor& supervisor) {
  for (;;) {
    const auto signal = signals.wait(supervisor.watchdog_interval());
    if (signal && *signal != SIGHUP) return *signal;
    if (signal) {
      supervisor.reloading();
      // Why it was refused stands in the log.
      [[maybe_unused]] const auto reloaded = server.reload();
      supervisor.ready();
    }
    // Nothing else wakes where a secret expires while its sessions are silent.
    server.end_fallen_sessions();
    server.settle_votes();
    if (server.loops_answer(supervisor.watchdog_interval())) supervisor.alive(server.summary());
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  Supervisor supervisor = Supervisor::of_this_process();
  give_up_dumps();
  const Signals signals;
  const auto disk = base::make_linux_disk();
  auto configuration = read_configuration(*disk, options.common.pod);
  if (!configuration.has_value()) return complain(configuration.error());

  const PodFolder folder{options.common.pod};
  base::SpdlogLog log(log_settings(folder, *configuration));
  raise_open_files(configuration->open_files, log);

  crypto::KeyArena arena;
  OverheardLog overheard(log);
  const OpenPod::Machine machine{*disk, base::system_clock(), base::system_entropy(), overheard, arena};
  auto pod = OpenPod::open(machine, folder, std::move(*configuration), [&options] {
    const auto& descriptor = options.passphrase_descriptor;
    return descriptor ? read_passphrase(*descriptor) : ask_server_key_passphrase();
  });
  if (!pod.has_value()) return complain(pod.error());
  Server server(
      **pod,
      [&](const Configuration& next) {
        log.reopen(log_settings(folder, next));
        raise_open_files(next.open_files, log);
      },
      supervisor.take_sockets());
  server.overhear(overheard);
  server.start();
  log.info("started version={} process={}", MAILPOD_VERSION, ::getpid());
  if (options.ready_descriptor) say_ready(*options.ready_descriptor);
  supervisor.ready();

  const int signal = serve_until_told(server, signals, supervisor);
  log.info("stopping signal={}", signal == SIGTERM ? "TERM" : "INT");
  supervisor.stopping();
  server.stop();
  log.info("stopped");
  return 0;
}

}  // namespace mailpod::daemon
