#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// A members' door somewhere.
struct DoorPlace {
  static constexpr std::uint16_t usual_port = 4194;
  std::string host;  ///< a name, as the pod's certificate has it
  std::uint16_t port = usual_port;

  /// `HOST` or `HOST:PORT`. Nothing for what is no name: no certificate can be looked at for a numeric address.
  static std::optional<DoorPlace> parse(std::string_view text);
};

/// The command line's way to the desk of a pod on another machine: TLS to its members' door. docs/pod-folder.md.
///
/// Nothing is sent before the certificate is found to be for the host's name and from an authority that we trust.
/// Blocking; one thread at a time.
class RemoteDoor {
public:
  /// `authorities`: a PEM file of those who say whose a certificate is; empty: the machine's. Throws std::system_error
  /// that names the file.
  RemoteDoor(DoorPlace place, std::string authorities);
  ~RemoteDoor();
  RemoteDoor(const RemoteDoor&) = delete;
  RemoteDoor& operator=(const RemoteDoor&) = delete;

  /// The answer, `{"answer": …}` or `{"complaint": …}`; a complaint of ours where there is no connection, or none that
  /// can be trusted. A connection that was not used for some seconds is not used again.
  governance::Verdict<nlohmann::json> ask(const nlohmann::json& request);

private:
  struct Connection;
  governance::Verdict<void> connect();
  governance::Complaint complaint(std::string what, std::string remedy) const;

  DoorPlace place_;
  std::string authorities_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mailpod::daemon
