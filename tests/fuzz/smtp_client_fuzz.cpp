#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/smtp/client.hpp>

#include "simulation/clock.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

/// An SMTP client before a server that says anything. The first octet chooses in what pieces that arrives, the second
/// two messages; the rest is what the server says. 01 in it: the server waits until the client waits for it; 02: it
/// begins TLS, once; 03: it closes, which it does at the end too unless the choice is to fall silent.
///
/// Whatever the server says: the client ends in time and with an answer, or a reason why there is none, for every
/// recipient; what it writes is commands and whole messages, line by line; no line of a message goes out unless it was
/// asked for, and nobody's mail is called delivered without an answer of 2yz behind the final dot.
namespace {

using namespace mailpod;
using boost::asio::awaitable;
using simulation::Transcript;
using namespace std::chrono_literals;

void demand(bool holds) {
  if (!holds) std::abort();
}

/// A message as it is and as it must be on the wire. Its lines begin with `m` or a dot, as no command does.
struct Message {
  std::string octets;
  std::string wire;  ///< empty if it must not be sent at all
};

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += text;
  return all;
}

const std::vector<Message>& messages() {
  static const std::vector<Message> all = {
      {"m\r\n.m\r\n.\r\n..\r\n", "m\r\n..m\r\n..\r\n...\r\n.\r\n"},
      {"m", "m\r\n.\r\n"},
      {"", ".\r\n"},
      {"m\xff\r\n", "m\xff\r\n.\r\n"},
      {"m\r\n.\n", ""},
      {"m\r.\r\n", ""},
      {std::string("m\0\r\n", 4), ""},
      {repeat(".m12345\r\n", 8000), repeat("..m12345\r\n", 8000) + ".\r\n"},
  };
  return all;
}

const std::vector<smtp::DispatchRecipient>& recipients() {
  static const std::vector<smtp::DispatchRecipient> all = {
      {"a@b.c", "SUCCESS,DELAY", "rfc822;a+2Bb@c"}, {"d@e.f>\r\nRSET"}, {"g@h.i", "NEVER\r\nRSET", "rfc822;a\r\nRSET"}};
  return all;
}

/// What became of one message.
struct Fate {
  const Message* message = nullptr;
  std::vector<std::optional<smtp::Answer>> answers;
  bool threw = false;
  bool in_doubt = false;
};

struct Meeting {
  Meeting() : time(loop, clock) {}

  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time;
  std::vector<Fate> fates;
  bool ended = false;
};

awaitable<void> hand_over(smtp::Client& client, Fate& fate) {
  const base::MemorySource source(fate.message->octets);
  const smtp::Dispatch dispatch{"<>", recipients(), source, "id", "HDRS", false, true};
  try {
    std::vector<smtp::Answer> answers = co_await client.send(dispatch);
    demand(answers.size() == recipients().size() && !client.data_ended());
    fate.answers.assign(answers.begin(), answers.end());
  } catch (const std::system_error&) {
    demand(client.spent());
    fate.threw = true;
    fate.in_doubt = client.data_ended();
    fate.answers = client.answers();
    demand(fate.answers.size() == recipients().size());
  }
}

awaitable<void> bring(net::Stream& stream, Meeting& meeting) {
  smtp::Client client(stream, {.host_name = "me"});
  bool greeted = false;
  try {
    const smtp::Answer answer = co_await client.greet("name", smtp::Client::Tls::if_offered);
    greeted = answer.accepts();
  } catch (const std::system_error&) {
    demand(client.spent());
  }
  for (Fate& fate : meeting.fates) {
    if (greeted && !client.spent()) co_await hand_over(client, fate);
  }
  co_await client.quit();
  demand(client.spent());
  co_await stream.close();
  meeting.ended = true;
}

// ---- the server

awaitable<void> read_present(net::Stream& server) {
  try {
    while (true) {
      const net::Wake wake = co_await server.wait_input(0ms);
      if (wake != net::Wake::input) break;
      char buffer[16 * 1024];
      const std::size_t count = co_await server.read_some(buffer);
      if (count == 0) break;
    }
  } catch (const std::system_error&) {
  }
}

awaitable<void> say(net::Stream& server, std::string octets) {
  try {
    co_await server.write(octets);
  } catch (const std::system_error&) {
  }
}

awaitable<void> begin_tls(net::Stream& server) {
  try {
    co_await server.start_tls();
  } catch (const std::system_error&) {
  }
}

void play_server(Meeting& meeting, net::Stream& server, std::string_view words) {
  const auto start = [&](awaitable<void> work) {
    boost::asio::co_spawn(meeting.loop, std::move(work), boost::asio::detached);
    meeting.time.run_for(0us);
  };
  bool shaking_hands = false;
  while (!meeting.ended && !words.empty()) {
    const std::size_t end = words.find_first_of("\1\2\3");
    start(say(server, std::string(words.substr(0, end))));
    start(read_present(server));
    if (end == std::string_view::npos) break;
    if (words[end] == '\2' && !std::exchange(shaking_hands, true)) start(begin_tls(server));
    if (words[end] == '\3') server.abort();
    words.remove_prefix(end + 1);
  }
}

// ---- what has been said

/// Reads what both have written, in order, and holds the client's part to its rules.
class Reading {
public:
  explicit Reading(const Transcript& transcript) {
    for (const auto& piece : transcript.pieces) {
      if (piece.from == Transcript::From::server) {
        heard_ += piece.octets;
      } else {
        said_ += piece.octets;
        take_lines();
      }
    }
    // Only a message may stop within a line: its blocks end anywhere, and so may the connection.
    demand(said_.empty() || in_content_ || said_.front() == 'm' || said_.front() == '.');
  }

  /// Of all content sent, each ended by its dot: the octets, and what the server said before it and after it.
  struct Content {
    std::string octets;
    std::size_t heard_before = 0;
    bool complete = false;
  };
  std::vector<Content> contents;
  const std::string& heard() const { return heard_; }

private:
  void take_lines() {
    while (!said_.empty()) {
      const std::size_t end = said_.find("\r\n");
      if (end == std::string::npos) return;
      const std::string line = said_.substr(0, end);
      demand(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
      said_.erase(0, end + 2);
      if (in_content_) {
        take_content(line);
      } else {
        take_command(line);
      }
    }
  }

  void take_command(const std::string& line) {
    static const std::vector<std::string> exact = {"EHLO me",
                                                   "HELO me",
                                                   "STARTTLS",
                                                   "RCPT TO:<a@b.c>",
                                                   "RCPT TO:<a@b.c> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c",
                                                   "RCPT TO:<g@h.i>",
                                                   "DATA",
                                                   "RSET",
                                                   "QUIT"};
    if (line.starts_with('m') || line.starts_with('.')) {
      // Every DATA begins at most one, and a reply of 3yz must have asked for it: 354, or a code not known to us, of
      // which the first digit counts (RFC 5321 §4.2).
      demand(data_ > contents.size() && lines_of_3yz() > contents.size());
      contents.push_back({{}, heard_.size()});
      in_content_ = true;
      return take_content(line);
    }
    if (line == "DATA") ++data_;
    const bool mail = line == "MAIL FROM:<>" || line.starts_with("MAIL FROM:<> SIZE=") ||
                      line.starts_with("MAIL FROM:<> BODY=8BITMIME") || line.starts_with("MAIL FROM:<> REQUIRETLS") ||
                      line == "MAIL FROM:<> RET=HDRS ENVID=id";
    demand(mail || std::ranges::find(exact, line) != exact.end());
  }

  void take_content(const std::string& line) {
    Content& content = contents.back();
    content.octets += line + "\r\n";
    if (line != ".") return;
    content.complete = true;
    content.heard_before = heard_.size();
    in_content_ = false;
  }

  std::size_t lines_of_3yz() const {
    std::size_t found = heard_.starts_with('3') ? 1 : 0;
    for (std::size_t at = heard_.find("\n3"); at != std::string::npos; at = heard_.find("\n3", at + 1)) ++found;
    return found;
  }

  std::string said_;
  std::string heard_;
  std::size_t data_ = 0;
  bool in_content_ = false;
};

bool accepted(const std::optional<smtp::Answer>& answer) {
  return answer && answer->accepts();
}

void check_answer(const smtp::Answer& answer) {
  demand(answer.code >= 200 && answer.code <= 599 && answer.text.size() <= 1000);
  demand(answer.code < 300 || answer.code >= 400);
  demand(std::ranges::all_of(answer.text, [](char octet) { return octet >= 0x20 && octet <= 0x7e; }));
}

void check_fate(const Fate& fate, const Reading& reading) {
  const auto is_ours = [&](const Reading::Content& content) {
    return content.complete && content.octets == fate.message->wire;
  };
  const auto sent = std::ranges::find_if(reading.contents, is_ours);
  if (fate.message->wire.empty()) demand(!fate.in_doubt);
  if (fate.in_doubt) demand(sent != reading.contents.end());
  for (const auto& answer : fate.answers) {
    if (answer) check_answer(*answer);
    if (!fate.threw) demand(answer.has_value());
    if (!accepted(answer)) continue;
    demand(sent != reading.contents.end() && !answer->by_us);
    const std::string_view after = std::string_view(reading.heard()).substr(sent->heard_before);
    demand(after.find(std::to_string(answer->code)) != std::string_view::npos);
  }
  // What is no address is told so by us, whatever else went on.
  if (!fate.answers.empty()) demand(fate.answers[1] && fate.answers[1]->by_us);
}

/// What went out as content is one of the two messages or its beginning, or a lone dot.
void check_contents(const Reading& reading, const std::vector<Fate>& fates) {
  for (const Reading::Content& content : reading.contents) {
    const bool known = std::ranges::any_of(fates, [&](const Fate& fate) {
      return content.complete ? content.octets == fate.message->wire : fate.message->wire.starts_with(content.octets);
    });
    demand(known || (content.complete && content.octets == ".\r\n"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint8_t choice = data[0];
  const std::string words(reinterpret_cast<const char*>(data + 2), size - 2);

  Meeting meeting;
  meeting.fates.resize(2);
  meeting.fates[0].message = &messages()[data[1] & 7];
  meeting.fates[1].message = &messages()[(data[1] >> 3) & 7];
  simulation::Wire wire;
  wire.seed = choice >> 4;
  wire.time = &meeting.time;
  wire.handshake = true;
  wire.handshake_fails = (choice & 1) != 0;
  if ((choice & 4) != 0) wire.max_pause = 1s;
  auto duplex = simulation::make_duplex(meeting.loop.get_executor(), wire);
  boost::asio::co_spawn(meeting.loop, bring(*duplex.client, meeting), boost::asio::detached);
  meeting.time.run_for(0us);
  play_server(meeting, *duplex.server, words);
  if ((choice & 2) != 0) duplex.server->abort();
  // A silent server is waited for, but not for ever.
  meeting.time.run_until([&] { return meeting.ended; }, 4h);
  demand(meeting.ended);

  const Reading reading(*duplex.transcript);
  for (const Fate& fate : meeting.fates) check_fate(fate, reading);
  check_contents(reading, meeting.fates);
  duplex.server->abort();
  meeting.time.run_for(0us);
  return 0;
}
