// A whole logged-in session over a simulated stream and disk. Whatever the client sends: what the server says is status
// lines and responses that end with their dot, as many as there were commands, and nothing is removed without QUIT.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/pop3/server.hpp>

#include "conversations/imap_world.hpp"
#include "simulation/stream.hpp"

namespace {

using namespace mailpod;
using boost::asio::awaitable;

[[noreturn]] void complain(std::string_view what, std::string_view line) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(line.size()),
               line.data());
  std::abort();
}

std::string_view take_line(std::string_view& octets) {
  const auto end = octets.find("\r\n");
  if (end == std::string_view::npos) complain("a line without end", octets);
  const auto line = octets.substr(0, end);
  octets.remove_prefix(end + 2);
  return line;
}

bool takes_lines(std::string_view command) {
  const auto is = [&](std::string_view name) {
    return std::ranges::equal(command, name,
                              [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
  };
  const auto word = command.substr(0, command.find(' '));
  const bool alone = command.find_first_not_of(" \t", word.size()) == std::string_view::npos;
  command = word;
  return is("RETR") || is("TOP") || is("CAPA") || ((is("LIST") || is("UIDL")) && alone);
}

awaitable<void> serve(const pop3::Server& server, net::Stream& stream) {
  co_await server.converse(stream);
}

awaitable<void> say(net::Stream& stream, std::string octets) {
  try {
    for (std::size_t at = 0; at < octets.size(); at += 1'000) {
      co_await stream.write(std::string_view(octets).substr(at, 1'000));
    }
  } catch (const std::system_error&) {
  }
}

awaitable<void> hear(net::Stream& stream, std::string& heard) {
  char buffer[4'096];
  try {
    for (;;) {
      const auto count = co_await stream.read_some(buffer);
      if (count == 0) break;
      heard.append(buffer, count);
    }
  } catch (const std::system_error&) {
  }
}

/// The input's lines, as commands. QUIT is ours to say, and is not said; AUTH and STLS are no commands any more.
std::vector<std::string> commands_from(std::string_view input) {
  std::vector<std::string> commands{"USER alice", "PASS correct horse"};
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line.find('\r') == std::string_view::npos && std::toupper(line.empty() ? 0 : line[0]) != 'Q')
      commands.emplace_back(line);
  }
  return commands;
}

void check(std::string_view heard, const std::vector<std::string>& commands) {
  take_line(heard);  // the greeting
  for (const auto& command : commands) {
    const auto status = take_line(heard);
    if (!status.starts_with("+OK ") && !status.starts_with("-ERR ")) complain("no status", status);
    if (!status.starts_with("+OK ") || !takes_lines(command)) continue;
    while (take_line(heard) != ".") {
    }
  }
  if (!heard.empty()) complain("more than was asked for", heard);
}

/// A world is costly to make; no input may change what lies in it but for flags.
struct Stage {
  conversations::ImapWorld world;
  Stage() {
    world.add_message("INBOX", "Subject: one\r\n\r\n.\r\n..\r\n.x\r\n");
    world.add_message("INBOX", "Subject: two\r\n\r\nno end");
    world.add_message("INBOX", "Subject: three\n\n.\n\r.\r");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static Stage stage;
  if (size > 4'000) return 0;
  auto& world = stage.world;
  pop3::Settings settings;
  settings.bad_after_login = 1'000'000;
  settings.read_slice = 3;
  const pop3::Server server({world, *world.vaults, world.clock, base::silent_log()}, settings);
  simulation::Wire wire;
  wire.secure = true;
  auto duplex = simulation::make_duplex(world.loop.get_executor(), wire);
  std::string heard;
  const auto commands = commands_from({reinterpret_cast<const char*>(data), size});
  std::string octets;
  for (const auto& command : commands) octets += command + "\r\n";
  boost::asio::co_spawn(world.loop, serve(server, *duplex.server), boost::asio::detached);
  boost::asio::co_spawn(world.loop, hear(*duplex.client, heard), boost::asio::detached);
  boost::asio::co_spawn(world.loop, say(*duplex.client, octets), boost::asio::detached);
  world.settle();
  duplex.client->abort();
  duplex.server->abort();
  world.settle();
  check(heard, commands);
  if (world.vault().state()->find("INBOX")->count != 3) complain("something was removed", octets);
  return 0;
}
