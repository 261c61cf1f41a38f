#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/smtp/server.hpp>
#include <mailpod/text/ascii.hpp>

#include "../conversations/smtp_scripted_room.hpp"
#include "simulation/clock.hpp"
#include "simulation/stream.hpp"

/// A whole SMTP session. The first octet chooses role, TLS and how the rest arrives in pieces; the rest is what the
/// client says. Whatever it is: every reply is well formed, there are no more replies than lines, nothing is taken
/// without the dot that ends it, and no message holds what DATA must not hold.
namespace {

using namespace mailpod;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Session {
  boost::asio::io_context loop;
  simulation::Clock clock;
  conversations::ScriptedRoom room;
  conversations::ScriptedCredentials credentials;
  smtp::Settings settings;
  std::string said;
};

boost::asio::awaitable<void> feed(net::Stream& client, std::string octets) {
  try {
    // The greeting first: who speaks before it is only told so.
    char octet;
    co_await client.read_some(std::span(&octet, 1));
    co_await client.write(octets);
  } catch (const std::system_error&) {
  }
}

boost::asio::awaitable<void> serve(net::Stream& server, smtp::Role role, Session& session, bool& ended) {
  const smtp::Services services{session.room, session.credentials, session.clock, base::silent_log()};
  co_await smtp::serve(server, role, session.settings, services);
  ended = true;
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// Each line is `code SP|- text` of printable ASCII, at most 512 octets; returns how many replies there are.
std::size_t replies_in(std::string_view said) {
  std::size_t replies = 0;
  while (!said.empty()) {
    const std::size_t end = said.find("\r\n");
    demand(end != std::string_view::npos && end >= 4 && end <= 510);
    const std::string_view line = said.substr(0, end);
    demand(line[0] >= '2' && line[0] <= '5' && line[1] >= '0' && line[1] <= '9' && line[2] >= '0' && line[2] <= '9');
    demand(line[3] == ' ' || line[3] == '-');
    demand(std::ranges::all_of(line, [](char octet) { return octet >= 0x20 && octet <= 0x7e; }));
    if (line[3] == ' ') ++replies;
    said.remove_prefix(end + 2);
  }
  return replies;
}

void check_message(const std::string& octets) {
  demand(octets.find('\0') == std::string::npos);
  demand(count(octets, "\r") == count(octets, "\r\n") && count(octets, "\n") == count(octets, "\r\n"));
  demand(octets.empty() || octets.ends_with("\r\n"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const std::string input(reinterpret_cast<const char*>(data + 1), size - 1);

  Session session;
  session.settings.message_size = 4096;
  session.credentials.knows_scram = true;
  session.settings.linger = std::chrono::milliseconds(0);
  simulation::Wire wire;
  wire.seed = choice >> 4;
  wire.secure = (choice & 1) != 0;
  wire.offers_tls = (choice & 2) == 0;
  const auto role = (choice & 4) != 0   ? smtp::Role::submission
                    : (choice & 8) != 0 ? smtp::Role::lmtp
                                        : smtp::Role::exchange;
  auto duplex = simulation::make_duplex(session.loop.get_executor(), wire);
  bool ended = false;
  boost::asio::co_spawn(session.loop, serve(*duplex.server, role, session, ended), boost::asio::detached);
  boost::asio::co_spawn(session.loop, feed(*duplex.client, input), boost::asio::detached);
  session.loop.poll();
  // The client has said all it will; the server must notice and end.
  duplex.server->end_input();
  session.loop.restart();
  session.loop.poll();
  demand(ended);
  duplex.client->abort();
  session.loop.restart();
  session.loop.poll();

  const std::string said = duplex.transcript->of(simulation::Transcript::From::server);
  const std::size_t replies = replies_in(said);
  const std::string shouted = text::upper(input);
  const std::size_t chunks = count(shouted, "BDAT ");
  // Greeting, farewell and 354 aside, each reply answers a line; LMTP answers a message once for each recipient.
  const std::size_t copies = role == smtp::Role::lmtp ? session.settings.recipients : 1;
  demand(replies <= (count(input, "\n") + count(said, "354 ") + 3) * copies);
  demand(session.room.taken.size() <=
         count("\r\n" + input, "\r\n.\r\n") + std::min(chunks, count(shouted, " LAST\r\n")));
  demand(session.room.taken.size() <= session.room.letters_begun);
  demand(session.room.letters_begun <= count(said, "354 ") + chunks);
  if (role == smtp::Role::submission) demand(session.room.taken.empty() || session.credentials.checks > 0);
  for (const auto& message : session.room.taken) {
    check_message(message.octets);
    demand(!message.recipients.empty());
    for (const auto& recipient : message.recipients) {
      const auto& domain = recipient.forward_path.domain;
      demand(domain.empty() || domain == "pod.lab");
    }
  }
  return 0;
}
