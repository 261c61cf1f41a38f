#include <mailpod/http/server.hpp>

#include <exception>
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
  } catch (const std::exception& failure) {
    // Nobody meant it to happen: this connection ends, and whoever gave it here closes it.
    ports_.log.error("http failed reason=\"{}\"", base::printable(failure.what()));
  }
}

}  // namespace mailpod::http
