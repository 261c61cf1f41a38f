#pragma once

#include <memory>
#include <optional>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <mailpod/net/stint.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/net/tls.hpp>

#include "attempt.hpp"
#include "deadlines.hpp"
#include "tls_session.hpp"

namespace mailpod::net {

/// The Stream of production: a connected socket, in clear text until start_tls() or start_client_tls().
///
/// Every operation first tries; only what would block waits for the descriptor, so a busy connection never arms a
/// timer. So that it does not keep its loop for itself either, it pauses after some operations that did not wait.
class SocketStream final : public Stream {
public:
  /// Owns `descriptor`, which becomes non-blocking. `companion` is destroyed with the stream.
  SocketStream(const boost::asio::any_io_executor& loop, int descriptor, const CurrentTls& tls,
               std::shared_ptr<void> companion = nullptr);

  awaitable<std::size_t> read_some(std::span<char> into) override;
  awaitable<void> write(std::string_view octets) override;
  void set_timeout(std::chrono::milliseconds limit) override { timeout_ = limit; }
  std::chrono::milliseconds timeout() const override { return timeout_; }
  awaitable<Wake> wait_input(std::chrono::milliseconds limit) override;
  void ring() override;
  awaitable<void> start_tls() override;
  awaitable<void> start_client_tls(TlsPeer peer) override;
  void set_application_protocol(std::string name) override { application_protocol_ = std::move(name); }
  bool offers_tls() const override { return current_tls_.get() != nullptr; }
  bool secure() const override { return tls_ && tls_->shook_hands(); }
  TlsInformation tls() const override;
  std::string channel_binding(Binding kind) const override;
  Endpoint peer() const override { return peer_; }
  /// From now on the peer is whom a proxy has named.
  void speak_for(Endpoint client) { peer_ = std::move(client); }
  std::uint16_t local_port() const override { return local_port_; }
  std::shared_ptr<const Activity> activity() const override { return activity_; }
  awaitable<void> close() override;
  void abort() override;
  void end_input() override;
  boost::asio::any_io_executor executor() override { return socket_.get_executor(); }

private:
  using Side = Deadlines::Side;
  using Time = Deadlines::Time;
  enum class Waited { ready, expired, interrupted };

  Attempt try_read(std::span<char> into);
  Attempt try_peek();
  Attempt try_write(std::string_view octets);
  awaitable<Waited> wait_for(Attempt::Kind wanted, Side side, Time deadline);
  awaitable<void> ready(Attempt::Kind wanted, Side side, Time deadline);
  awaitable<void> shake_hands();
  awaitable<void> say_goodbye();
  void check_input() const;
  void check_alive() const;

  std::shared_ptr<void> companion_;
  const CurrentTls& current_tls_;  ///< of the side that this stream is
  boost::asio::posix::stream_descriptor socket_;
  std::string application_protocol_;
  std::optional<TlsSession> tls_;
  Deadlines deadlines_;
  Stint stint_;
  std::chrono::milliseconds timeout_ = std::chrono::minutes(5);
  Endpoint peer_;
  std::uint16_t local_port_ = 0;
  const std::shared_ptr<Activity> activity_ = std::make_shared<Activity>();
  bool rung_ = false;
  bool waiting_for_ring_ = false;
  bool input_ended_ = false;
  bool aborted_ = false;
};

}  // namespace mailpod::net
