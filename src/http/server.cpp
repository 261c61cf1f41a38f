#include <mailpod/http/server.hpp>

#include <system_error>

#include <mailpod/net/error.hpp>

#include "conversation.hpp"

namespace mailpod::http {

boost::asio::awaitable<void> Server::converse(net::Stream& stream, const Settings& settings) {
  try {
    Conversation conversation(stream, ports_, settings, under_way_);
    auto talk = conversation.run();
    co_await std::move(talk);
  } catch (const std::system_error& failure) {
    if (failure.code() != make_error_code(net::Errc::shutting_down))
      ports_.log.debug("http ended reason=\"{}\"", base::printable(failure.what()));
  }
}

}  // namespace mailpod::http
