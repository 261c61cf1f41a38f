#pragma once

#include <memory>

#include <mailpod/admin/control_socket.hpp>
#include <mailpod/admin/desk.hpp>
#include <mailpod/crypto/spool.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/returns.hpp>
#include <mailpod/imap/server.hpp>
#include <mailpod/net/listener.hpp>
#include <mailpod/net/loops.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/net/tls.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/smtp/server.hpp>
#include <mailpod/store/vaults.hpp>

#include "open_pod.hpp"
#include "sending.hpp"

namespace mailpod::daemon {

/// A pod that answers: listeners, sessions, vaults, post office and control socket, wired together here and nowhere
/// else. The order of the members is the order of life: what stands above outlives what stands below. Only the pool
/// goes earlier, in stop(): its work refers to everything.
class Server final : public admin::Daemon {
public:
  /// Binds every port; throws std::system_error that names the port, or the certificate, which cannot be had.
  /// `pod` is borrowed.
  explicit Server(OpenPod& pod);
  ~Server() override;

  /// Answers from now on.
  void start();
  /// Lets sessions end (421, BYE), closes the vaults, and returns within the configuration's stop_grace and two
  /// seconds.
  void stop();

  void close_sessions(MemberId member) override;
  void look_at(const queue::EntryId& entry) override;
  Figures figures() const override;

private:
  void listen(std::string name, const net::Listener::Settings& settings, net::Listener::Serve serve);
  net::Listener::Serve serve_smtp(smtp::Role role);
  net::Listener::Serve serve_imap();
  net::awaitable<void> close_vaults();
  std::size_t connections() const;

  OpenPod& pod_;
  std::chrono::microseconds began_;
  smtp::Settings smtp_settings_;        ///< of port 25
  smtp::Settings known_smtp_settings_;  ///< of submission and LMTP
  net::CurrentTls tls_;
  crypto::SpoolBudget spool_budget_;
  crypto::SpoolPlace spool_place_;
  net::Loops loops_;
  std::unique_ptr<net::Pool> pool_;
  net::Gate argon2_gate_;
  std::unique_ptr<sasl::Credentials> credentials_;
  std::unique_ptr<store::Vaults> vaults_;
  delivery::Returns returns_;
  std::unique_ptr<Sending> sending_;  ///< nullptr where [sending] says so
  delivery::PostOffice post_office_;
  imap::Server imap_server_;
  struct Port {
    std::string name;
    std::unique_ptr<net::Listener> listener;
  };
  std::vector<Port> ports_;
  admin::Desk desk_;
  std::unique_ptr<admin::ControlServer> control_;
};

}  // namespace mailpod::daemon
