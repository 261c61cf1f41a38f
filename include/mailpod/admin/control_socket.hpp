#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/admin/desk.hpp>
#include <mailpod/base/log.hpp>

namespace mailpod::admin {

/// The protocol of control.sock: on each connection one request and one answer, each one line of JSON.
/// docs/pod-folder.md, "control.sock".
struct ControlLimits {
  std::size_t request = 16 * 1024 * 1024;    ///< octets; a thousand admissions are 1.5 MB
  std::size_t answer = 64 * 1024 * 1024;     ///< octets
  std::chrono::seconds request_timeout{10};  ///< for the whole request to arrive
  std::chrono::seconds answer_timeout{600};  ///< for the whole answer, the work included
};

/// The daemon's end. Serves one connection at a time on a thread of its own, and only to the user it runs as, or root
/// (asked of the kernel, SO_PEERCRED). The socket is made with mode 0600.
class ControlServer {
public:
  /// Listens on `folder`/control.sock, replacing what a killed daemon left; the caller holds the pod's lock. `desk` and
  /// `log` are borrowed. Throws std::system_error.
  ControlServer(Desk& desk, base::Log& log, const std::string& folder, ControlLimits limits = {});
  /// Finishes the request under way, then removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

private:
  void run();
  void serve(int connection);

  Desk& desk_;
  base::Log& log_;
  std::string path_;
  ControlLimits limits_;
  int listener_ = -1;
  int wake_ = -1;
  std::thread thread_;
};

/// The command line's end: the daemon's answer; nothing if none listens there. Blocking. Throws std::system_error if
/// the connection breaks.
std::optional<nlohmann::json> ask_daemon(const std::string& folder, const nlohmann::json& request,
                                         ControlLimits limits = {});

}  // namespace mailpod::admin
