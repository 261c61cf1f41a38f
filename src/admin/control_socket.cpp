#include <mailpod/admin/control_socket.hpp>

#include <array>
#include <cerrno>
#include <system_error>

#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/stack.hpp>
#include <mailpod/crypto/keys.hpp>

#include "arguments.hpp"
#include "wire.hpp"

namespace mailpod::admin {
namespace {

using std::chrono::steady_clock;

/// The user at the other end; nothing for whoever may not ask.
std::optional<uid_t> asker_at(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid == 0 || peer.uid == ::geteuid() ? std::optional(peer.uid) : std::nullopt;
}

}  // namespace

ControlServer::ControlServer(Desk& desk, base::Log& log, const std::string& folder, ControlLimits limits)
    : desk_(desk), log_(log), path_(base::join(folder, "control.sock")), limits_(limits) {
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  try {
    listener_ = listen_at(folder);
  } catch (...) {
    ::close(wake_);
    throw;
  }
  thread_ = std::thread([this] { run(); });
}

ControlServer::~ControlServer() {
  const std::uint64_t once = 1;
  if (::write(wake_, &once, sizeof once) != sizeof once) std::terminate();  // an eventfd takes it, or memory is broken
  thread_.join();
  ::close(listener_);
  ::close(wake_);
  ::unlink(path_.c_str());
}

void ControlServer::run() {
  for (;;) {
    std::array<pollfd, 2> wanted{pollfd{wake_, POLLIN, 0}, pollfd{listener_, POLLIN, 0}};
    if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;  // EINTR
    if (wanted[0].revents != 0) return;
    const Descriptor connection(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.number() < 0) {
      // Out of descriptors, most likely: the listener stays readable, so looking again at once would spin.
      ::poll(wanted.data(), 1, 100);
      continue;
    }
    try {
      serve(connection.number());
    } catch (const std::system_error& failure) {
      if (failure.code() == std::errc::operation_canceled) return;  // somebody was waited for, and we are told to stop
      log_.warning("control failed reason={}", base::printable(failure.what()));
    } catch (const std::exception& failure) {
      log_.warning("control failed reason={}", base::printable(failure.what()));
    }
    base::clear_unused_stack();  // of whatever secret was in the request
  }
}

void ControlServer::serve(int connection) {
  const auto asker = asker_at(connection);
  if (!asker) {
    log_.warning("control refused reason=not-the-owner");
    return;
  }
  auto line = read_line(connection, limits_.request, {steady_clock::now() + limits_.request_timeout, wake_});
  if (!line) return;
  json request = parse_message(*line);
  crypto::wipe(*line);
  // Never the arguments: they may hold an address or a secret.
  const std::string operation = request.is_object() && request.contains("operation") && request["operation"].is_string()
                                    ? base::printable(request["operation"].get<std::string>())
                                    : "?";
  json answer = desk_.serve(request, fmt::format("uid:{}", *asker));
  log_.info("control operation={} outcome={}", operation, answer.contains("answer") ? "done" : "refused");
  auto text = answer.dump(-1, ' ', false, json::error_handler_t::replace);
  wipe_secrets(answer);
  write_line(connection, text, {steady_clock::now() + limits_.answer_timeout, wake_});
  crypto::wipe(text);
}

std::optional<json> ask_daemon(const std::string& folder, const json& request, ControlLimits limits) {
  const Descriptor connection(connect_to(folder));
  if (connection.number() < 0) return std::nullopt;
  const Patience patience{steady_clock::now() + limits.answer_timeout};
  auto text = request.dump(-1, ' ', false, json::error_handler_t::replace);
  write_line(connection.number(), text, patience);
  crypto::wipe(text);
  auto line = read_line(connection.number(), limits.answer, patience);
  if (!line) throw std::system_error(ECONNRESET, std::generic_category(), "control.sock");
  json answer = parse_message(*line);
  crypto::wipe(*line);
  if (!answer.is_object()) throw std::system_error(EPROTO, std::generic_category(), "control.sock");
  return answer;
}

}  // namespace mailpod::admin
