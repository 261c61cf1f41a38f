#pragma once

#include <list>
#include <memory>

#include <mailpod/crypto/spool.hpp>
#include <mailpod/delivery/dkim_signer.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/returns.hpp>
#include <mailpod/imap/server.hpp>
#include <mailpod/members/pod_credentials.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/queue/sender.hpp>
#include <mailpod/smtp/server.hpp>
#include <mailpod/store/vaults.hpp>

#include "foundation.hpp"
#include "simulation/network.hpp"
#include "simulation/resolver.hpp"
#include "simulation/time.hpp"

namespace mailpod::world {

inline constexpr auto pod_address = "203.0.113.1";

/// A pod that answers, put together as daemon::Server does it, on a simulated machine and network and in one thread.
/// The order of the members is the order of life. Before it dies, the loop must have forgotten every coroutine.
class RunningPod {
public:
  /// What it runs on; borrowed.
  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    boost::asio::io_context& loop;
    simulation::Time& time;
    simulation::Network& network;
    net::Resolver& resolver;
  };
  explicit RunningPod(const Ports& ports);
  ~RunningPod();

  /// Says goodbye to everybody, as SIGTERM makes the daemon do. Whether it came to its end.
  bool stop();
  /// Nothing waits to be sent.
  bool has_sent_everything() { return pod_->queue().list().empty() && sender_.figures().waiting == 0; }
  queue::Spool& queue() { return pod_->queue(); }

private:
  using Streams = std::list<net::Stream*>;
  using Talk = std::function<net::awaitable<void>(net::Stream&)>;
  void listen(std::uint16_t port, Talk how);
  net::awaitable<void> talk(const Talk& how, std::uint16_t port, std::unique_ptr<net::Stream> stream);
  smtp::Settings smtp_settings() const;

  Ports ports_;
  std::unique_ptr<daemon::OpenPod> pod_;
  crypto::SpoolBudget budget_;
  crypto::SpoolPlace place_;
  net::Pool pool_{net::Pool::Inline{}};
  net::Gate gate_{pool_, 2, 64};
  std::unique_ptr<sasl::Credentials> credentials_;
  std::unique_ptr<store::Vaults> vaults_;
  delivery::Returns returns_;
  std::unique_ptr<net::Dialer> dialer_;
  std::unique_ptr<net::Alarm> alarm_;
  delivery::DkimSigner signer_;
  queue::Sender sender_;
  delivery::Outbox outbox_;
  delivery::PostOffice office_;
  imap::Server imap_;
  smtp::Settings smtp_settings_;
  Streams streams_;  ///< of conversations
  bool sender_ended_ = false;
  bool vaults_closed_ = false;
};

}  // namespace mailpod::world
