#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include <mailpod/base/current.hpp>
#include <mailpod/net/listener.hpp>

namespace mailpod::net {

/// One connection's place among those a listener admits. The stream holds it, so it is free again when the stream is
/// gone.
class Seat {
public:
  Seat(std::shared_ptr<Listener::State> state, std::string neighbour, boost::asio::any_io_executor loop)
      : state_(std::move(state)), neighbour_(std::move(neighbour)), loop_(std::move(loop)) {}
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  boost::asio::any_io_executor loop() const { return loop_; }
  /// On the seat's loop: from now on the stream is told when we stop.
  void occupy(Stream& stream);
  /// The connection turns out to be another neighbour's. False if that one's share is full: it is to be turned away.
  bool move_to(std::string neighbour);

private:
  std::shared_ptr<Listener::State> state_;
  std::string neighbour_;
  boost::asio::any_io_executor loop_;
  Stream* stream_ = nullptr;
};

/// A listener as its accept loop, its connections and the stopping thread see it.
struct Listener::State : std::enable_shared_from_this<Listener::State> {
  State(Loops& loops, const CurrentTls& tls, base::Log& log, std::string name, Settings settings, Serve serve);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Nothing if the listener, or this neighbour's share of it, is full. An empty neighbour is counted by no share: a
  /// local socket, or a proxy that has not said yet whom it brings.
  std::shared_ptr<Seat> take_seat(std::string neighbour, const boost::asio::any_io_executor& loop);
  /// Whether this client is let in at all.
  bool admits(const Endpoint& peer) const;
  /// Counts one who was turned away.
  std::shared_ptr<Seat> refuse_seat();
  void leave_seat(const std::string& neighbour, Stream* stream);
  /// Both while `mutex` is held.
  bool take_share(const std::string& neighbour);
  void leave_share(const std::string& neighbour);

  boost::asio::any_io_executor next_loop() { return loops.next(); }
  int release_socket() { return std::exchange(socket, -1); }

  /// Stops accepting, and tells every connection to end politely.
  void ask();
  /// Disconnects every connection.
  void force();
  /// Calls `act` with every stream, each on its own loop.
  void tell_all(void (Stream::*act)());

  Loops& loops;
  const CurrentTls& tls;
  base::Log& log;
  const std::string name;
  base::Current<Settings> settings;
  const Serve serve;
  const boost::asio::any_io_executor accept_loop;
  int socket;
  std::uint16_t port;
  std::atomic<bool> stopping{false};
  std::function<void()> interrupt;  ///< wakes the accept loop; touched only there

  std::mutex mutex;  ///< guards what follows
  std::size_t seats_taken = 0;
  std::uint64_t turned_away = 0;
  std::unordered_map<std::string, std::size_t> seats_of_neighbours;
  std::unordered_map<Stream*, boost::asio::any_io_executor> streams;
};

}  // namespace mailpod::net
