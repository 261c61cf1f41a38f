#include <mailpod/net/listener.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mailpod/net/proxy_header.hpp>

#include "listener_state.hpp"
#include "socket_address.hpp"
#include "socket_stream.hpp"

namespace mailpod::net {

namespace {

// What we wait for descriptors or memory to become free again.
constexpr auto exhaustion_pause = std::chrono::milliseconds(100);
constexpr int accepts_in_a_row = 32;

bool exhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// Tells whom we cannot serve, as far as that works without waiting.
void turn_away(int descriptor, const std::string& words) {
  if (!words.empty()) {
    [[maybe_unused]] const auto sent = ::send(descriptor, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ::close(descriptor);
}

/// A connection on its way to its loop.
struct Arrival {
  Arrival(int d, std::shared_ptr<Seat> s) : descriptor(d), seat(std::move(s)) {}
  ~Arrival() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  int release() { return std::exchange(descriptor, -1); }

  int descriptor;
  std::shared_ptr<Seat> seat;
};

std::string words_for_too_many(const Listener::State& state) {
  // A client that expects a handshake would take clear words for a broken server.
  const auto settings = state.settings.get();
  return settings->tls == Listener::Tls::at_once ? std::string{} : settings->too_many;
}

/// Learns whom the proxy brings. False if that one has too many connections already.
awaitable<bool> meet_behind_proxy(Listener::State& state, SocketStream& stream, Seat& seat) {
  const auto usual = stream.timeout();
  stream.set_timeout(state.settings.get()->handshake_timeout);
  const auto client = co_await read_proxy_header(stream);
  stream.set_timeout(usual);
  if (!client) co_return true;
  stream.speak_for(*client);
  if (!state.admits(*client)) {
    state.refuse_seat();
  } else if (seat.move_to(neighbourhood(socket_address(*client)))) {
    co_return true;
  }
  const std::string words = words_for_too_many(state);
  if (!words.empty()) co_await stream.write(words);
  co_await stream.close();
  co_return false;
}

awaitable<void> converse(std::shared_ptr<Listener::State> state, std::shared_ptr<Arrival> arrival) {
  // The stream alone holds the seat, so that the seat knows when the stream is gone.
  Seat& seat = *arrival->seat;
  auto stream = std::make_unique<SocketStream>(seat.loop(), arrival->release(), state->tls, std::move(arrival->seat));
  seat.occupy(*stream);
  const auto settings = state->settings.get();
  if (any_contains(settings->proxies, stream->peer().address)) {
    const bool welcome = co_await meet_behind_proxy(*state, *stream, seat);
    if (!welcome) co_return;
  }
  if (settings->tls == Listener::Tls::at_once) {
    const auto usual = stream->timeout();
    stream->set_timeout(settings->handshake_timeout);
    stream->set_application_protocol(settings->application_protocol);
    co_await stream->start_tls();
    stream->set_timeout(usual);
  }
  co_await state->serve(std::move(stream));
}

void admit(const std::shared_ptr<Listener::State>& state, int descriptor, const SocketAddress& peer) {
  auto loop = state->next_loop();
  const auto settings = state->settings.get();
  const auto address = endpoint(peer);
  const bool by_proxy = any_contains(settings->proxies, address.address);
  // Whom a proxy brings is asked for once the proxy has said so.
  const bool admitted = by_proxy || state->admits(address);
  auto seat = admitted ? state->take_seat(by_proxy ? std::string() : neighbourhood(peer), loop) : state->refuse_seat();
  if (!seat) {
    turn_away(descriptor, words_for_too_many(*state));
    return;
  }
  auto arrival = std::make_shared<Arrival>(descriptor, std::move(seat));
  auto name = fmt::format("{} peer={}", state->name, written(endpoint(peer)));
  state->loops.spawn(loop, std::move(name), [state, arrival] { return converse(state, arrival); });
}

awaitable<void> accept_all(std::shared_ptr<Listener::State> state) {
  const auto executor = state->accept_loop;
  boost::asio::posix::stream_descriptor listening(executor, state->release_socket());
  boost::asio::steady_timer pause(executor);
  state->interrupt = [&] {
    listening.cancel();
    pause.cancel();
  };
  int in_a_row = 0;
  while (!state->stopping) {
    SocketAddress peer;
    const int descriptor = ::accept4(listening.native_handle(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = errno;
    if (descriptor >= 0) {
      try {
        admit(state, descriptor, peer);
      } catch (const std::exception& failure) {
        state->log.error("{} accept error=\"{}\"", state->name, failure.what());
      }
      if (++in_a_row % accepts_in_a_row == 0) co_await boost::asio::post(executor, boost::asio::use_awaitable);
    } else if (exhausted(error)) {
      state->log.error("{} accept error=\"{}\"", state->name, std::generic_category().message(error));
      pause.expires_after(exhaustion_pause);
      co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    } else if (error == EAGAIN || error == EWOULDBLOCK) {
      co_await listening.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                    boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    // Everything else (ECONNABORTED, EINTR, …) concerns one connection that is gone already.
  }
  state->interrupt = nullptr;
}

}  // namespace

Listener::Listener(Loops& loops, const CurrentTls& tls, base::Log& log, std::string name, Settings settings,
                   Serve serve)
    : state_(std::make_shared<State>(loops, tls, log, std::move(name), std::move(settings), std::move(serve))) {}

Listener::~Listener() = default;

void Listener::start() {
  const auto state = state_;
  state->loops.on_stop({[state] { state->ask(); }, [state] { state->force(); }});
  state->loops.spawn(state->accept_loop, state->name + " accept", [state] { return accept_all(state); });
}

void Listener::set(const Settings& settings) {
  Settings next = *state_->settings.get();
  next.max_connections = settings.max_connections;
  next.max_per_address = settings.max_per_address;
  next.handshake_timeout = settings.handshake_timeout;
  next.proxies = settings.proxies;
  state_->settings.replace(std::move(next));
}

std::uint16_t Listener::port() const {
  return state_->port;
}

std::size_t Listener::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seats_taken;
}

std::uint64_t Listener::turned_away() const {
  const std::lock_guard lock(state_->mutex);
  return state_->turned_away;
}

std::unique_ptr<Stream> make_stream(const boost::asio::any_io_executor& loop, int descriptor, const CurrentTls& tls) {
  return std::make_unique<SocketStream>(std::move(loop), descriptor, tls);
}

}  // namespace mailpod::net
