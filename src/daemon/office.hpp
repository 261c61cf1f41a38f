#pragma once

#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/admin/desk.hpp>

#include "commands.hpp"
#include "open_pod.hpp"
#include "remote_door.hpp"

namespace mailpod::daemon {

/// Where a command line gets its work done: by the daemon over control.sock, or, where none runs, here under the same
/// exclusive lock; or at the members' door of a pod elsewhere. The command does not see the difference.
class Office {
public:
  Office(const OpenPod::Machine& machine, Common common);
  ~Office();

  /// The operation's answer, or its complaint. Machine failures throw std::system_error.
  governance::Verdict<nlohmann::json> ask(const std::string& operation, nlohmann::json arguments);

  /// What one request may carry of mail: the members' door takes less at once than the control socket.
  struct Portion {
    std::size_t messages;
    std::size_t octets;
  };
  Portion portion() const { return common_.at.empty() ? Portion{256, 768 * 1024} : Portion{64, 24 * 1024}; }

private:
  governance::Verdict<nlohmann::json> reply_to(nlohmann::json& request);
  governance::Verdict<nlohmann::json> reply_from_elsewhere(const nlohmann::json& request);
  governance::Verdict<void> open_here();

  OpenPod::Machine machine_;
  Common common_;
  PodFolder folder_;
  std::unique_ptr<RemoteDoor> elsewhere_;  ///< once we asked there
  std::unique_ptr<OpenPod> pod_;           ///< once we had to work here
  std::unique_ptr<admin::Desk> desk_;
};

}  // namespace mailpod::daemon
