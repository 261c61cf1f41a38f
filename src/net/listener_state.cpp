#include "listener_state.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>

#include "listening_socket.hpp"
#include "socket_address.hpp"

namespace mailpod::net {
namespace {

int listening_socket(const Listener::Settings& settings) {
  if (settings.inherited >= 0) return adopt_listening_socket(settings.inherited);
  if (!settings.path.empty()) return make_local_socket(settings.path, settings.backlog);
  return make_listening_socket({settings.address, settings.port}, settings.backlog);
}

}  // namespace

Seat::~Seat() {
  state_->leave_seat(neighbour_, stream_);
}

bool Seat::move_to(std::string neighbour) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->take_share(neighbour)) {
    ++state_->turned_away;
    return false;
  }
  state_->leave_share(neighbour_);
  neighbour_ = std::move(neighbour);
  return true;
}

void Seat::occupy(Stream& stream) {
  stream_ = &stream;
  {
    const std::lock_guard lock(state_->mutex);
    state_->streams.emplace(stream_, loop_);
  }
  // Whoever was on the way when we began to stop is told here.
  if (state_->stopping) stream.end_input();
}

Listener::State::State(Loops& loops_, const CurrentTls& tls_, base::Log& log_, std::string name_, Settings settings_,
                       Serve serve_)
    : loops(loops_),
      tls(tls_),
      log(log_),
      name(std::move(name_)),
      settings(std::move(settings_)),
      serve(std::move(serve_)),
      accept_loop(loops_.next()),
      socket(listening_socket(*settings.get())),
      port(local_port_of(socket)) {}

Listener::State::~State() {
  if (socket >= 0) ::close(socket);
  if (const auto made = settings.get(); !made->path.empty() && made->inherited < 0) ::unlink(made->path.c_str());
}

std::shared_ptr<Seat> Listener::State::take_seat(std::string neighbour, const boost::asio::any_io_executor& loop) {
  const auto limits = settings.get();
  const std::lock_guard lock(mutex);
  if (seats_taken >= limits->max_connections || !take_share(neighbour)) {
    ++turned_away;
    return nullptr;
  }
  ++seats_taken;
  return std::make_shared<Seat>(shared_from_this(), std::move(neighbour), loop);
}

bool Listener::State::admits(const Endpoint& peer) const {
  const auto now = settings.get();
  return !now->admits || now->admits(peer);
}

std::shared_ptr<Seat> Listener::State::refuse_seat() {
  const std::lock_guard lock(mutex);
  ++turned_away;
  return nullptr;
}

void Listener::State::leave_seat(const std::string& neighbour, Stream* stream) {
  const std::lock_guard lock(mutex);
  --seats_taken;
  leave_share(neighbour);
  streams.erase(stream);
}

bool Listener::State::take_share(const std::string& neighbour) {
  if (neighbour.empty()) return true;
  auto& share = seats_of_neighbours[neighbour];
  if (share >= settings.get()->max_per_address) {
    if (share == 0) seats_of_neighbours.erase(neighbour);
    return false;
  }
  ++share;
  return true;
}

void Listener::State::leave_share(const std::string& neighbour) {
  if (neighbour.empty()) return;
  const auto share = seats_of_neighbours.find(neighbour);
  if (--share->second == 0) seats_of_neighbours.erase(share);
}

void Listener::State::ask() {
  stopping = true;
  boost::asio::post(accept_loop, [state = shared_from_this()] {
    if (state->interrupt) state->interrupt();
  });
  tell_all(&Stream::end_input);
}

void Listener::State::force() {
  tell_all(&Stream::abort);
}

void Listener::State::tell_all(void (Stream::*act)()) {
  const std::lock_guard lock(mutex);
  for (const auto& [stream, loop] : streams) {
    boost::asio::post(loop, [state = shared_from_this(), told = stream, act] {
      bool lives = false;
      {
        const std::lock_guard again(state->mutex);
        lives = state->streams.contains(told);
      }
      // It can only be destroyed on this loop, where we are.
      if (lives) (told->*act)();
    });
  }
}

}  // namespace mailpod::net
