#pragma once

#include <memory>

#include <mailpod/delivery/brake.hpp>
#include <mailpod/delivery/dkim_signer.hpp>
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
  net::Loops& loops_;
  boost::asio::any_io_executor loop_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::Dialer> dialer_;
  std::unique_ptr<net::Alarm> alarm_;
  PolicyServer policy_server_;
  delivery::DkimSigner signer_;
  delivery::Brake brake_;
  queue::Sender sender_;
  delivery::Srs srs_;
  delivery::Outbox outbox_;
};

}  // namespace mailpod::daemon
