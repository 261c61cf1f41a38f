#include "supervisor.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailpod::daemon {
namespace {

constexpr int first_descriptor = 3;  // sd_listen_fds(3): SD_LISTEN_FDS_START

/// What stands in the environment under `name`, which is removed from it.
std::string take(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value != nullptr ? value : "";
  ::unsetenv(name);
  return taken;
}

/// 0 where it is no number.
std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

/// The variables of a parent that forgot to remove them name its own process.
bool meant_for_us(const std::string& process) {
  return number(process) == static_cast<std::uint64_t>(::getpid());
}

}  // namespace

Supervisor Supervisor::of_this_process() {
  std::string socket = take("NOTIFY_SOCKET");
  const std::string watchdog_process = take("WATCHDOG_PID");
  std::chrono::microseconds watchdog(number(take("WATCHDOG_USEC")));
  if (!watchdog_process.empty() && !meant_for_us(watchdog_process)) watchdog = {};
  Supervisor supervisor(std::move(socket), watchdog);
  const bool ours = meant_for_us(take("LISTEN_PID"));
  const auto count = static_cast<int>(std::min<std::uint64_t>(number(take("LISTEN_FDS")), 64));
  const std::string names = take("LISTEN_FDNAMES");
  if (ours) supervisor.sockets_ = sockets_named(names, count);
  return supervisor;
}

std::map<std::string, int> sockets_named(std::string_view names, int count) {
  std::map<std::string, int> sockets;
  for (int descriptor = first_descriptor; descriptor < first_descriptor + count; ++descriptor) {
    const auto end = std::min(names.find(':'), names.size());
    sockets.emplace(names.substr(0, end), descriptor);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return sockets;
}

void Supervisor::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading",
                     std::chrono::floor<std::chrono::microseconds>(micros).count()));
}

void Supervisor::alive(std::string_view status) const {
  notify(fmt::format("WATCHDOG=1\nSTATUS={}", status));
}

std::chrono::microseconds Supervisor::watchdog_interval() const {
  using namespace std::chrono_literals;
  return watchdog_ > 0us ? watchdog_ / 3 : std::chrono::microseconds(1min);
}

/// As sd_notify(3) does it; a supervisor that does not listen is none of our business.
void Supervisor::notify(const std::string& state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() < 2 || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  [[maybe_unused]] const auto sent =
      ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
}

}  // namespace mailpod::daemon
