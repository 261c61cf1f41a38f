#pragma once

#include <memory>
#include <optional>

#include <mailpod/delivery/brake.hpp>
#include <mailpod/delivery/dkim_signer.hpp>
#include <mailpod/delivery/federation.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/srs.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/net/dialer.hpp>
#include <mailpod/net/loops.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/net/resolver.hpp>
#include <mailpod/queue/returns.hpp>
#include <mailpod/queue/sender.hpp>

#include "open_pod.hpp"
#include "policy_server.hpp"

namespace mailpod::daemon {

/// What carries members' mail to other servers: resolver, dialer, signer, brake and sender, together on one loop.
///
/// The order of the members is the order of life.
class Sending {
public:
  /// All borrowed. Throws std::system_error that names a setting of [dns] which cannot be used.
  Sending(OpenPod& pod, net::Loops& loops, net::Pool& pool, queue::Returns& returns);

  /// Once, before the loops start: sends until they stop.
  void start();

  const delivery::Outbox& outbox() const { return outbox_; }
  queue::Sender& sender() { return sender_; }
  delivery::Brake& brake() { return brake_; }

private:
  /// Charters take effect by time, and acts by whoever is at the desk: what waits hears of either within half a second.
  net::awaitable<void> watch_federation();

  OpenPod& pod_;
  net::Loops& loops_;
  net::Pool& pool_;
  boost::asio::any_io_executor loop_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::Dialer> dialer_;
  std::unique_ptr<net::Dialer> web_dialer_;
  std::unique_ptr<net::Alarm> alarm_;
  PolicyServer policy_server_;
  delivery::DkimSigner signer_;
  delivery::Brake brake_;
  delivery::Federation federation_;
  queue::Sender sender_;
  delivery::Srs srs_;
  delivery::Outbox outbox_;
  std::unique_ptr<net::Alarm> watching_;
};

}  // namespace mailpod::daemon
