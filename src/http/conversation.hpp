#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

#include <mailpod/http/server.hpp>
#include <mailpod/net/stint.hpp>

#include "intake.hpp"
#include "share.hpp"

namespace mailpod::http {

/// One connection with a client, from its first request to its last. Loop.
class Conversation {
public:
  Conversation(net::Stream& stream, const Server::Ports& ports, const Settings& settings,
               std::atomic<std::size_t>& under_way)
      : stream_(stream),
        ports_(ports),
        settings_(settings),
        under_way_(under_way),
        intake_(stream),
        stint_(stream),
        until_(stream.now() + settings.lifetime) {}

  boost::asio::awaitable<void> run();

private:
  enum class Next { request, close };

  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Next> refuse(boost::system::error_code why);
  boost::asio::awaitable<Status> read_content(Request& request, const Framing& framing);
  boost::asio::awaitable<Response> respond(const Request& request, Router::Found found);
  boost::asio::awaitable<void> say(const Request& request, Response response);
  boost::asio::awaitable<void> write(std::string_view octets, Share& share);
  void complete(Response& response) const;
  bool is_last(const Request& request) const;

  net::Stream& stream_;
  const Server::Ports& ports_;
  const Settings& settings_;
  std::atomic<std::size_t>& under_way_;
  Intake intake_;
  net::Stint stint_;
  std::chrono::steady_clock::time_point until_;
  unsigned served_ = 0;
  Next next_ = Next::request;  ///< after the answer that is being made
};

}  // namespace mailpod::http
