#include "socket_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "socket_address.hpp"

namespace mailpod::net {

namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

constexpr auto goodbye_limit = std::chrono::seconds(2);
constexpr std::size_t max_drained = 256 * 1024;  // octets

[[noreturn]] void fail(std::errc code, const char* what) {
  throw std::system_error(std::make_error_code(code), what);
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

Attempt result_of(ssize_t returned, Attempt::Kind when_blocked) {
  if (returned > 0) return {Attempt::Kind::done, static_cast<std::size_t>(returned)};
  if (returned == 0) return {Attempt::Kind::closed};
  if (would_block(errno) || errno == EINTR) return {when_blocked};
  throw std::system_error(errno, std::generic_category(), "connection");
}

}  // namespace

SocketStream::SocketStream(const boost::asio::any_io_executor& loop, int descriptor, const CurrentTls& tls,
                           std::shared_ptr<void> companion)
    : companion_(std::move(companion)),
      current_tls_(tls),
      socket_(loop),
      deadlines_(loop,
                 [this] {
                   if (socket_.is_open()) socket_.cancel();
                 }),
      stint_(*this) {
  try {
    socket_.assign(descriptor);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  socket_.non_blocking(true);
  // A reply is written whole; waiting for more to join it would only delay it. (No TCP socket: no matter.)
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  peer_ = peer_of(descriptor);
  local_port_ = local_port_of(descriptor);
}

// ---- one try

Attempt SocketStream::try_read(std::span<char> into) {
  if (tls_) return tls_->read(into);
  return result_of(::recv(socket_.native_handle(), into.data(), into.size(), 0), Attempt::Kind::wants_read);
}

Attempt SocketStream::try_peek() {
  if (tls_) return tls_->peek();
  char octet = 0;
  return result_of(::recv(socket_.native_handle(), &octet, 1, MSG_PEEK), Attempt::Kind::wants_read);
}

Attempt SocketStream::try_write(std::string_view octets) {
  if (tls_) return tls_->write(octets);
  return result_of(::send(socket_.native_handle(), octets.data(), octets.size(), MSG_NOSIGNAL),
                   Attempt::Kind::wants_write);
}

// ---- waiting

/// Until the descriptor is ready, the deadline has passed, or somebody cancelled the wait: ring(), end_input(),
/// abort(), or the deadline of the other side. The caller looks again and knows.
awaitable<SocketStream::Waited> SocketStream::wait_for(Attempt::Kind wanted, Side side, Time deadline) {
  const auto event = wanted == Attempt::Kind::wants_write ? Descriptor::wait_write : Descriptor::wait_read;
  deadlines_.set(side, deadline);
  const auto [error] = co_await socket_.async_wait(event, boost::asio::as_tuple(boost::asio::use_awaitable));
  stint_.begin_anew();
  const bool expired = deadlines_.has_passed(side);
  deadlines_.clear(side);
  if (!error) co_return Waited::ready;
  co_return expired ? Waited::expired : Waited::interrupted;
}

awaitable<void> SocketStream::ready(Attempt::Kind wanted, Side side, Time deadline) {
  const Waited waited = co_await wait_for(wanted, side, deadline);
  check_alive();
  if (waited == Waited::expired) fail(std::errc::timed_out, "connection");
}

void SocketStream::check_alive() const {
  if (aborted_) fail(std::errc::operation_canceled, "connection");
}

void SocketStream::check_input() const {
  check_alive();
  if (input_ended_) throw std::system_error(make_error_code(Errc::shutting_down), "connection");
}

// ---- the Stream

awaitable<std::size_t> SocketStream::read_some(std::span<char> into) {
  const Time deadline = std::chrono::steady_clock::now() + timeout_;
  if (stint_.is_over()) co_await stint_.pause();
  while (true) {
    check_input();
    const Attempt attempt = try_read(into);
    if (attempt.kind == Attempt::Kind::done) {
      activity_->last_input = std::chrono::steady_clock::now().time_since_epoch().count();
      co_return attempt.count;
    }
    if (attempt.kind == Attempt::Kind::closed) co_return 0;
    co_await ready(attempt.kind, Side::reading, deadline);
  }
}

awaitable<void> SocketStream::write(std::string_view octets) {
  const Time deadline = std::chrono::steady_clock::now() + timeout_;
  if (stint_.is_over()) co_await stint_.pause();
  while (!octets.empty()) {
    check_alive();
    const Attempt attempt = try_write(octets);
    if (attempt.kind == Attempt::Kind::done) {
      octets.remove_prefix(attempt.count);
    } else if (attempt.kind == Attempt::Kind::closed) {
      fail(std::errc::broken_pipe, "connection");
    } else {
      co_await ready(attempt.kind, Side::writing, deadline);
    }
  }
}

awaitable<Wake> SocketStream::wait_input(std::chrono::milliseconds limit) {
  const Time deadline = std::chrono::steady_clock::now() + limit;
  if (stint_.is_over()) co_await stint_.pause();
  while (true) {
    check_input();
    if (std::exchange(rung_, false)) co_return Wake::rung;
    const Attempt attempt = try_peek();
    if (attempt.kind == Attempt::Kind::done || attempt.kind == Attempt::Kind::closed) co_return Wake::input;
    if (limit.count() == 0) co_return Wake::timeout;
    waiting_for_ring_ = true;
    const Waited waited = co_await wait_for(attempt.kind, Side::reading, deadline);
    waiting_for_ring_ = false;
    if (waited == Waited::expired && !aborted_ && !input_ended_ && !rung_) co_return Wake::timeout;
  }
}

void SocketStream::ring() {
  rung_ = true;
  if (waiting_for_ring_ && socket_.is_open()) socket_.cancel();
}

awaitable<void> SocketStream::start_tls() {
  check_alive();
  auto context = current_tls_.get();
  if (!context) throw std::system_error(make_error_code(Errc::bad_certificate), "no certificate is configured");
  tls_.emplace(std::move(context), socket_.native_handle());
  tls_->accept_protocol(application_protocol_);
  co_await shake_hands();
}

awaitable<void> SocketStream::start_client_tls(TlsPeer peer) {
  check_alive();
  tls_.emplace(current_tls_.get(), socket_.native_handle(), peer);
  tls_->offer_protocol(application_protocol_);
  co_await shake_hands();
}

awaitable<void> SocketStream::shake_hands() {
  const Time deadline = std::chrono::steady_clock::now() + timeout_;
  while (true) {
    check_input();
    const Attempt attempt = tls_->handshake();
    if (attempt.kind == Attempt::Kind::done) {
      // There is no older one, and the other text would not live long enough.
      activity_->tls_version = tls_->information().version == "TLSv1.3" ? "TLSv1.3" : "TLSv1.2";
      co_return;
    }
    co_await ready(attempt.kind, Side::reading, deadline);
  }
}

TlsInformation SocketStream::tls() const {
  return secure() ? tls_->information() : TlsInformation{};
}

std::string SocketStream::channel_binding(Binding kind) const {
  return secure() ? tls_->channel_binding(kind) : std::string{};
}

// ---- the end

awaitable<void> SocketStream::close() {
  if (aborted_) co_return;
  try {
    co_await say_goodbye();
  } catch (const std::exception&) {
    // The peer is gone already, or does not listen: nothing is left to be polite to.
  }
  abort();
}

/// Sends what TLS and TCP have for a goodbye, and reads on until the peer's: were unread octets left behind, the kernel
/// would answer with a reset, and the peer might never see our last reply.
awaitable<void> SocketStream::say_goodbye() {
  const Time deadline = std::chrono::steady_clock::now() + goodbye_limit;
  while (tls_) {
    const Attempt attempt = tls_->shut_down();
    if (attempt.kind == Attempt::Kind::done || attempt.kind == Attempt::Kind::closed) break;
    co_await ready(attempt.kind, Side::writing, deadline);
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
  std::size_t drained = 0;
  while (drained < max_drained) {
    std::array<char, 1024> ignored;
    const Attempt attempt =
        result_of(::recv(socket_.native_handle(), ignored.data(), ignored.size(), 0), Attempt::Kind::wants_read);
    if (attempt.kind == Attempt::Kind::closed) co_return;
    drained += attempt.count;
    if (attempt.kind != Attempt::Kind::done) co_await ready(attempt.kind, Side::reading, deadline);
  }
}

void SocketStream::abort() {
  if (std::exchange(aborted_, true)) return;
  deadlines_.stop();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void SocketStream::end_input() {
  input_ended_ = true;
  if (socket_.is_open()) socket_.cancel();
}

}  // namespace mailpod::net
