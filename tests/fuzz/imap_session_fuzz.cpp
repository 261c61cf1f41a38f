// A whole logged-in session over a simulated stream and disk. Whatever the client sends: every line of the server is
// grammar, and every command has exactly one tagged answer.

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

#include <mailpod/imap/server.hpp>

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

/// Checks what the server says: responses with their literals, and which tags were answered how often.
class Answers {
public:
  explicit Answers(std::string_view octets) {
    while (!octets.empty()) take_response(octets);
  }
  const std::map<std::string, int>& tagged() const { return tagged_; }

private:
  void take_response(std::string_view& octets) {
    const auto whole = octets;
    std::string_view line = take_line(octets, whole);
    check_start(line);
    while (const auto count = literal(line)) {
      if (*count > octets.size()) complain("a literal without its octets", line);
      if (octets.substr(0, *count).find('\0') != std::string_view::npos) complain("NUL in a literal", line);
      octets.remove_prefix(*count);
      line = take_line(octets, whole);
    }
  }

  static std::string_view take_line(std::string_view& octets, std::string_view whole) {
    const auto end = octets.find("\r\n");
    if (end == std::string_view::npos) complain("a line without end", whole);
    const auto line = octets.substr(0, end);
    octets.remove_prefix(end + 2);
    for (const char octet : line) {
      if (octet == '\r' || octet == '\n' || octet == '\0' || static_cast<unsigned char>(octet) >= 0x80) {
        complain("an octet that no line may hold", line);
      }
    }
    return line;
  }

  /// `{5}` at its end, outside quotes.
  static std::optional<std::size_t> literal(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (quoted && line[i] == '\\') {
        ++i;
      } else if (line[i] == '"') {
        quoted = !quoted;
      }
    }
    if (quoted || !line.ends_with('}')) return std::nullopt;
    return std::stoul(std::string(line.substr(line.rfind('{') + 1)));
  }

  void check_start(std::string_view line) {
    if (line.starts_with("* ") || line.starts_with("+ ")) return;
    const auto space = line.find(' ');
    const auto rest = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    if (!rest.starts_with("OK ") && !rest.starts_with("NO ") && !rest.starts_with("BAD "))
      complain("no response", line);
    ++tagged_[std::string(line.substr(0, space))];
  }

  std::map<std::string, int> tagged_;
};

awaitable<void> serve(const imap::Server& server, net::Stream& stream) {
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

/// The input's lines as commands with tags of our own, so that they can be counted. Literals are sent without waiting.
std::string commands_from(std::string_view input, int& count) {
  std::string octets = "x LOGIN alice \"correct horse\"\r\n";
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line.find_first_of("\r{") != std::string_view::npos || line.find('\0') != std::string_view::npos) continue;
    octets += 't' + std::to_string(++count) + ' ';
    octets += line;
    octets += "\r\n";
    // Commands that read on by themselves get what ends them.
    octets += "DONE\r\n";
  }
  return octets;
}

/// A world is costly to make; what earlier inputs left in its mailboxes is part of the game, until it becomes too much.
struct Stage {
  conversations::ImapWorld world;
  int used = 0;
  Stage() {
    for (int i = 1; i <= 3; ++i) {
      world.add_message("INBOX",
                        "From: \"B\\\"ob\" <bob@pod.lab>\r\nSubject: gr\xc3\xbc\xc3\x9f"
                        "e\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n"
                        "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n--b--\r\n");
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static std::unique_ptr<Stage> stage;
  if (size > 4'000) return 0;
  if (!stage || ++stage->used > 200) stage = std::make_unique<Stage>();
  auto& world = stage->world;
  imap::Settings settings;
  settings.bad_after_login = 1'000'000;
  const imap::Server server({world, *world.vaults, world.spool(), world.clock, base::silent_log()}, settings);
  simulation::Wire wire;
  wire.secure = true;
  auto duplex = simulation::make_duplex(world.loop.get_executor(), wire);
  std::string heard;
  int count = 0;
  auto octets = commands_from({reinterpret_cast<const char*>(data), size}, count);
  boost::asio::co_spawn(world.loop, serve(server, *duplex.server), boost::asio::detached);
  boost::asio::co_spawn(world.loop, hear(*duplex.client, heard), boost::asio::detached);
  boost::asio::co_spawn(world.loop, say(*duplex.client, octets + "bye LOGOUT\r\n"), boost::asio::detached);
  world.settle();
  duplex.client->abort();
  duplex.server->abort();
  world.settle();

  const Answers answers(heard);
  const bool complete = answers.tagged().contains("bye");
  for (int i = 1; i <= count; ++i) {
    const auto found = answers.tagged().find('t' + std::to_string(i));
    const int times = found == answers.tagged().end() ? 0 : found->second;
    // A session that ended early leaves the rest unanswered; nothing is answered twice.
    if (times > 1 || (complete && times == 0)) complain("answered not once", 't' + std::to_string(i));
  }
  return 0;
}
