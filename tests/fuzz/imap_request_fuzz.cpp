// Reads any octets as IMAP requests: whatever a client sends, each request is complete, bounded, and parsed the same
// however its octets are cut into pieces.

#include <cstdlib>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "../../src/imap/request.hpp"
#include "simulation/stream.hpp"

namespace {

using namespace mailpod;
using boost::asio::awaitable;

constexpr imap::RequestReader::Limits limits{.line = 1'000, .command = 4'000, .literal = 2'000, .unasked_literal = 500};

/// What the reader gave, one entry a request.
struct Heard {
  std::vector<std::string> requests;
};

awaitable<void> listen(net::Stream& stream, Heard& heard) {
  imap::Output out(stream, 1'000);
  imap::RequestReader reader(stream, out, base::system_clock());
  const imap::RequestReader::AwaitsMessage never = [](std::string_view) { return false; };
  try {
    for (;;) {
      const auto received = co_await reader.next(limits, never);
      if (std::holds_alternative<imap::Gone>(received)) co_return;
      if (const auto* refusal = std::get_if<imap::Refusal>(&received)) {
        heard.requests.push_back("refused " + refusal->tag + refusal->reason);
        if (refusal->then == imap::Refusal::Then::close) co_return;
        continue;
      }
      const auto& text = std::get<imap::Request>(received).text;
      if (text.size() > limits.command || text.find('\0') != std::string::npos) std::abort();
      heard.requests.push_back(text);
    }
  } catch (const std::system_error&) {
    // The client closed within a literal.
  }
}

awaitable<void> say(net::Stream& stream, std::string_view octets) {
  try {
    co_await stream.write(octets);
    co_await stream.close();
  } catch (const std::system_error&) {
  }
}

Heard hear(std::string_view octets, std::uint64_t seed) {
  boost::asio::io_context loop;
  simulation::Wire wire;
  wire.seed = seed;
  auto duplex = simulation::make_duplex(loop.get_executor(), wire);
  Heard heard;
  boost::asio::co_spawn(loop, listen(*duplex.server, heard), boost::asio::detached);
  boost::asio::co_spawn(loop, say(*duplex.client, octets), boost::asio::detached);
  while (loop.poll() > 0) {
  }
  duplex.client->abort();
  duplex.server->abort();
  while (loop.poll() > 0) {
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (size > 20'000) return 0;
  if (hear(octets, 0).requests != hear(octets, 7).requests) std::abort();
  return 0;
}
