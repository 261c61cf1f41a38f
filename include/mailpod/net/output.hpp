#pragma once

#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/stint.hpp>
#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// What the server says, collected so that many small responses are one write. Loop.
///
/// Whoever writes much, or looks through much, awaits flush_if_large() between: that is the back-pressure, and where
/// other connections of the loop get their turn. An idle connection holds no memory here.
class Output {
public:
  /// The stream is borrowed.
  Output(Stream& stream, std::size_t large) : stream_(stream), large_(large), stint_(stream) {}

  /// To append to.
  std::string& text() { return text_; }
  /// One whole response; CRLF is added.
  void line(std::string_view response) {
    text_ += response;
    text_ += "\r\n";
  }

  boost::asio::awaitable<void> flush();
  boost::asio::awaitable<void> flush_if_large();

private:
  Stream& stream_;
  std::size_t large_;
  Stint stint_;
  std::string text_;
};

}  // namespace mailpod::net
