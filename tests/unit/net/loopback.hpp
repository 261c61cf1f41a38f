#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "listening_socket.hpp"
#include "socket_address.hpp"

namespace mailpod::net {

/// A listening socket on a loopback address, without anybody who accepts.
class LoopbackPort {
public:
  explicit LoopbackPort(std::string address = "127.0.0.1", int backlog = 10)
      : address_(std::move(address)), socket_(make_listening_socket({address_, 0}, backlog)) {}
  ~LoopbackPort() { ::close(socket_); }
  LoopbackPort(const LoopbackPort&) = delete;
  LoopbackPort& operator=(const LoopbackPort&) = delete;

  Endpoint endpoint() const { return {address_, local_port_of(socket_)}; }
  /// The first connection that stands but was not accepted yet; -1 if there is none.
  int accept() const { return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }

private:
  std::string address_;
  int socket_;
};

/// A port that neither accepts nor refuses: its queue is full, so Linux lets further calls go unheard.
class BusyPort {
public:
  BusyPort() {
    for (int& caller : callers_) {
      caller = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      const SocketAddress to = socket_address(endpoint());
      (void)::connect(caller, to.get(), to.size);
    }
  }
  ~BusyPort() {
    for (const int caller : callers_) ::close(caller);
  }
  BusyPort(const BusyPort&) = delete;
  BusyPort& operator=(const BusyPort&) = delete;

  Endpoint endpoint() const { return port_.endpoint(); }

private:
  LoopbackPort port_{"127.0.0.1", 0};
  int callers_[3];
};

}  // namespace mailpod::net
