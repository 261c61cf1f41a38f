#include <array>
#include <csignal>
#include <cstring>

#include <pthread.h>
#include <unistd.h>

#include <mailpod/base/spdlog_log.hpp>

#include "../commands.hpp"
#include "../privileges.hpp"
#include "../server.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

/// SIGTERM and SIGINT, held back in this and every later thread, to be awaited in one place.
class StopSignals {
public:
  StopSignals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int wait() const {
    int signal = 0;
    while (::sigwait(&set_, &signal) != 0) {
    }
    return signal;
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

}  // namespace

int serve(const ServeOptions& options) {
  give_up_dumps();
  const StopSignals stop_signals;
  const auto disk = base::make_linux_disk();
  auto configuration = read_configuration(*disk, options.common.pod);
  if (!configuration.has_value()) return complain(configuration.error());

  const PodFolder folder{options.common.pod};
  base::LogSettings log_settings{configuration->log_level, {}};
  if (!configuration->log_file.empty()) log_settings.file = folder.at(configuration->log_file);
  base::SpdlogLog log(log_settings);
  raise_open_files(configuration->open_files, log);

  crypto::KeyArena arena;
  const OpenPod::Machine machine{*disk, base::system_clock(), base::system_entropy(), log, arena};
  auto pod = OpenPod::open(machine, folder, std::move(*configuration));
  if (!pod.has_value()) return complain(pod.error());
  Server server(**pod);
  server.start();
  log.info("started version={} process={}", MAILPOD_VERSION, ::getpid());
  if (options.ready_descriptor) say_ready(*options.ready_descriptor);

  const int signal = stop_signals.wait();
  log.info("stopping signal={}", signal == SIGTERM ? "TERM" : "INT");
  server.stop();
  log.info("stopped");
  return 0;
}

}  // namespace mailpod::daemon
