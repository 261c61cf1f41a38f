#include <mailpod/net/dialer.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <list>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mailpod/net/tls.hpp>

#include "deadlines.hpp"
#include "socket_address.hpp"
#include "socket_stream.hpp"

namespace mailpod::net {

namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

[[noreturn]] void fail(int error, const Endpoint& to) {
  throw std::system_error(error, std::generic_category(), "connecting to " + written(to));
}

/// Owns what it made from its first moment: the caller may throw.
Descriptor new_socket(const boost::asio::any_io_executor& loop, const SocketAddress& address, const Endpoint& to) {
  const int made = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) fail(errno, to);
  try {
    return Descriptor(loop, made);
  } catch (...) {
    ::close(made);
    throw;
  }
}

/// What became of a connection that was begun.
int error_of(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// What the connections that are being opened have in common. It outlives the dialer as long as one of them waits.
struct UnderWay {
  /// One of them, in the frame of the coroutine that opens it.
  class Place {
  public:
    Place(UnderWay& all, Descriptor& socket) : all_(all), at_(all.sockets.insert(all.sockets.end(), &socket)) {}
    ~Place() { all_.sockets.erase(at_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    UnderWay& all_;
    std::list<Descriptor*>::iterator at_;
  };

  void stop() {
    stopped = true;
    for (Descriptor* socket : sockets) socket->cancel();
  }
  void check(const Endpoint& to) const {
    if (stopped) throw std::system_error(make_error_code(Errc::shutting_down), "connecting to " + written(to));
  }

  std::list<Descriptor*> sockets;
  bool stopped = false;
};

awaitable<void> established(std::shared_ptr<UnderWay> all, Descriptor& socket, Endpoint to,
                            std::chrono::milliseconds limit) {
  const UnderWay::Place place(*all, socket);
  Deadlines deadlines(socket.get_executor(), [&] { socket.cancel(); });
  deadlines.set(Deadlines::Side::writing, std::chrono::steady_clock::now() + limit);
  const auto [interrupted] =
      co_await socket.async_wait(Descriptor::wait_write, boost::asio::as_tuple(boost::asio::use_awaitable));
  all->check(to);
  if (interrupted) fail(ETIMEDOUT, to);
  if (const int error = error_of(socket.native_handle()); error != 0) fail(error, to);
}

class SocketDialer final : public Dialer {
public:
  SocketDialer(boost::asio::any_io_executor loop, const std::string& authorities, Strength strength)
      : loop_(std::move(loop)), tls_(std::make_shared<CurrentTls>(TlsContext::for_clients(authorities, strength))) {}
  ~SocketDialer() override { all_->stop(); }

  awaitable<std::unique_ptr<Stream>> connect(Endpoint to, std::chrono::milliseconds limit) override {
    return open(loop_, tls_, all_, std::move(to), limit);
  }
  void stop() override { all_->stop(); }

private:
  /// Refers to nothing of the dialer, which may go first.
  static awaitable<std::unique_ptr<Stream>> open(boost::asio::any_io_executor loop, std::shared_ptr<CurrentTls> tls,
                                                 std::shared_ptr<UnderWay> all, Endpoint to,
                                                 std::chrono::milliseconds limit) {
    all->check(to);
    const SocketAddress address = socket_address(to);
    Descriptor socket = new_socket(loop, address, to);
    if (::connect(socket.native_handle(), address.get(), address.size) != 0) {
      if (errno != EINPROGRESS) fail(errno, to);
      co_await established(all, socket, to, limit);
    }
    auto stream = std::make_unique<SocketStream>(loop, socket.release(), *tls, tls);
    co_return std::unique_ptr<Stream>(std::move(stream));
  }

  boost::asio::any_io_executor loop_;
  std::shared_ptr<CurrentTls> tls_;  ///< shared with the streams, which may outlive the dialer
  std::shared_ptr<UnderWay> all_ = std::make_shared<UnderWay>();
};

}  // namespace

std::unique_ptr<Dialer> make_dialer(boost::asio::any_io_executor loop, const std::string& authorities,
                                    Strength strength) {
  return std::make_unique<SocketDialer>(std::move(loop), authorities, strength);
}

}  // namespace mailpod::net
