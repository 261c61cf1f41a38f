#include <mailpod/imap/server.hpp>

#include <utility>

#include <mailpod/net/deflating_stream.hpp>

#include "session.hpp"

namespace mailpod::imap {

Server::Server(Ports ports, const Settings& settings) : ports_(std::move(ports)), settings_(settings) {}

boost::asio::awaitable<void> Server::converse(net::Stream& stream) const {
  net::DeflatingStream compressible(stream);
  Session session(compressible, ports_, settings_);
  co_await session.converse();
}

}  // namespace mailpod::imap
