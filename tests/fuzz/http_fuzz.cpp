// Any octets as requests on a connection, and as responses. However they are cut into pieces the same is read of them;
// a message that is taken has one host, one length and no octet that ends a line; what it says it has is never more
// than it may; and an answer is one whole message for each request.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/http/client.hpp>
#include <mailpod/http/server.hpp>

#include "simulation/clock.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

namespace {

using namespace mailpod;
using boost::asio::awaitable;

void require(bool holds) {
  if (!holds) std::abort();
}

http::MessageLimits small_limits() {
  http::MessageLimits limits;
  limits.start_line = 512;
  limits.head = 1024;
  limits.fields = 16;
  limits.content = 256;
  return limits;
}

void check_fields(const http::Fields& fields) {
  for (const auto& [name, value] : fields) {
    require(!name.empty() && name.find_first_of(std::string_view("\r\n\0 :", 5)) == std::string::npos);
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

void check_path(const http::Path& path) {
  for (const auto& segment : path.segments)
    require(segment != "." && segment != ".." &&
            segment.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos);
  if (!path.segments.empty()) require(http::parse_path(path.str()) == path);
}

/// The content as it is read in pieces of `piece`; what was taken, or nothing where it is refused or not whole.
std::optional<std::pair<std::string, std::size_t>> read_content(const http::Framing& framing, std::string_view octets,
                                                                std::size_t piece) {
  const auto limits = small_limits();
  auto reader = http::ContentReader::of(framing, limits);
  if (!reader) return std::nullopt;
  std::string waiting;
  std::size_t taken = 0;
  while (!reader->is_done()) {
    const auto count = reader->take(waiting);
    if (!count) return std::nullopt;
    taken += *count;
    waiting.erase(0, *count);
    if (reader->is_done()) break;
    require(waiting.size() <= limits.head + 16 * 1024);
    if (octets.empty()) return std::nullopt;
    waiting += octets.substr(0, piece);
    octets.remove_prefix(std::min(piece, octets.size()));
  }
  auto content = std::move(*reader).content();
  require(content.size() <= limits.content);
  return std::pair(std::move(content), taken);
}

void read_messages(std::string_view octets) {
  const auto limits = small_limits();
  const auto end = http::find_head_end(octets, 0, limits);
  if (!end || !*end) return;
  const auto head = octets.substr(0, **end);
  const auto rest = octets.substr(**end);
  http::Framing framing;
  if (const auto request = http::parse_request_head(head, limits)) {
    check_fields(request->fields);
    check_path(request->path);
    require(!request->host.empty() && request->fields.count("host") == 1);
    const auto said = http::framing_of(*request);
    if (!said) return;
    require(request->fields.count("content-length") + request->fields.count("transfer-encoding") <= 1);
    framing = *said;
  } else if (const auto response = http::parse_response_head(head, limits)) {
    check_fields(response->fields);
    const auto said = http::framing_of(*response, http::Method::get, http::version_of_response(head));
    if (!said) return;
    framing = *said;
  } else {
    return;
  }
  const auto whole = read_content(framing, rest, rest.size() + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}})
    require(read_content(framing, rest, piece) == whole);
}

awaitable<http::Response> echo(const http::Visit& visit) {
  co_return http::Response{200, {}, visit.request.content};
}

awaitable<void> say(net::Stream& stream, std::string octets) {
  try {
    auto writing = stream.write(octets);
    co_await std::move(writing);
  } catch (const std::system_error&) {
  }
}

awaitable<void> hear(net::Stream& stream, std::string& heard) {
  try {
    char buffer[4'096];
    for (;;) {
      const auto count = co_await stream.read_some(buffer);
      if (count == 0) break;
      heard.append(buffer, count);
    }
  } catch (const std::system_error&) {
  }
}

awaitable<void> serve(http::Server& server, net::Stream& stream, const http::Settings& settings) {
  auto talk = server.converse(stream, settings);
  co_await std::move(talk);
  auto closing = stream.close();
  co_await std::move(closing);
}

/// What a server answers to these octets on one connection.
std::string answers_to(std::string_view octets, std::uint64_t seed) {
  static const http::Router router({{http::Method::get, "/", echo}, {http::Method::post, "/{rest...}", echo}});
  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time(loop, clock);
  http::Settings settings;
  settings.limits = small_limits();
  http::Server server({router, clock, base::silent_log()});
  simulation::Wire wire;
  wire.seed = seed;
  wire.time = &time;
  auto duplex = simulation::make_duplex(loop.get_executor(), wire);
  std::string heard;
  boost::asio::co_spawn(loop, serve(server, *duplex.server, settings), boost::asio::detached);
  boost::asio::co_spawn(loop, hear(*duplex.client, heard), boost::asio::detached);
  boost::asio::co_spawn(loop, say(*duplex.client, std::string(octets)), boost::asio::detached);
  time.run_for(std::chrono::seconds(100));
  duplex.client->abort();
  duplex.server->abort();
  time.run_for(std::chrono::seconds(1));
  return heard;
}

/// A run of whole responses, and nothing else; how many are final.
void check_answers(std::string_view heard) {
  const http::MessageLimits limits;
  while (!heard.empty()) {
    const auto end = http::find_head_end(heard, 0, limits);
    require(end && *end);
    const auto response = http::parse_response_head(heard.substr(0, **end), limits);
    require(response.has_value());
    heard.remove_prefix(**end);
    const auto* length = response->fields.find("content-length");
    const auto count = length != nullptr ? std::stoull(*length) : 0;
    require(heard.size() >= count);
    heard.remove_prefix(count);
  }
}

/// What does not depend on when something came: who sends content without waiting is not told to go on.
std::string without_invitations(std::string text) {
  constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";
  for (std::size_t at = 0; (at = text.find(invitation, at)) != std::string::npos;) text.erase(at, invitation.size());
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8'192) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  read_messages(octets);
  if (const auto url = http::parse_url(octets)) require(http::parse_url(url->str()) == url);
  if (size > 2'048) return 0;
  const std::string at_once = answers_to(octets, 0);
  // The answer to HEAD says a length that it does not have.
  if (octets.find("HEAD") == std::string_view::npos) check_answers(at_once);
  require(without_invitations(answers_to(octets, 7)) == without_invitations(at_once));
  return 0;
}
