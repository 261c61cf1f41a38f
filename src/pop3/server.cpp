#include <mailpod/pop3/server.hpp>

#include "session.hpp"

namespace mailpod::pop3 {

boost::asio::awaitable<void> Server::converse(net::Stream& stream) const {
  Session session(stream, ports_, settings_);
  co_await session.converse();
}

}  // namespace mailpod::pop3
