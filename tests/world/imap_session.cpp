#include "imap_session.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <mailpod/net/error.hpp>

namespace mailpod::world {
namespace {

constexpr std::size_t longest_line = 100'000;

std::uint32_t number_at(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Octets of the literal that a line announces at its end.
std::optional<std::uint64_t> literal_at_end(std::string_view line) {
  const auto open = line.rfind('{');
  if (!line.ends_with('}') || open == std::string_view::npos) return std::nullopt;
  return number_at(line.substr(open + 1));
}

}  // namespace

std::uint32_t ImapReply::number_after(std::string_view name) const {
  const auto at = text.find(name);
  return at == std::string::npos ? 0 : number_at(std::string_view(text).substr(at + name.size()));
}

ImapSession::ImapSession(std::unique_ptr<net::Stream> stream, Witness& witness, std::string who)
    : stream_(std::move(stream)), lines_(*stream_), witness_(witness), who_(std::move(who)) {
  stream_->set_timeout(std::chrono::minutes(10));
}

awaitable<bool> ImapSession::begin(std::string name, std::string password) {
  co_await stream_->start_client_tls("pod.lab");
  const ImapReply greeting = co_await hear();
  if (greeting.tag != "*" || !greeting.is_ok()) accuse("not a greeting", greeting);
  add("LOGIN " + name + " \"" + password + "\"");
  co_await exchange();
  co_return heard.back().is_ok();
}

std::string ImapSession::add(std::string command) {
  std::string tag = "a" + std::to_string(++commands_);
  const auto verb_length = command.find(' ', command.starts_with("UID ") ? 4 : 0);
  asked_.push_back({tag, command.substr(0, verb_length)});
  const bool secret = command.starts_with("LOGIN");
  witness_.note("{} C: {} {}", who_, tag, secret ? "LOGIN …" : command.substr(0, command.find('\r')));
  unsent_ += tag + ' ' + command + "\r\n";
  return tag;
}

awaitable<void> ImapSession::send() {
  std::string octets = std::exchange(unsent_, {});
  co_await send_octets(std::move(octets));
}

awaitable<void> ImapSession::send_octets(std::string octets) {
  co_await stream_->write(octets);
}

awaitable<void> ImapSession::exchange() {
  co_await send();
  heard.clear();
  while (!asked_.empty()) {
    ImapReply reply = co_await hear();
    heard.push_back(std::move(reply));
  }
  expect_nothing_more();
}

/// But for BYE, or its beginning.
void ImapSession::expect_nothing_more() {
  const auto more = lines_.buffered();
  const std::string_view bye = "* BYE";
  if (more.substr(0, bye.size()) != bye.substr(0, more.size()))
    accuse("more than was asked for", {"", std::string(more), {}});
}

awaitable<bool> ImapSession::speaks_within(std::chrono::milliseconds limit) {
  const net::Wake wake = co_await lines_.wait_input(limit);
  co_return wake == net::Wake::input;
}

awaitable<ImapReply> ImapSession::hear() {
  ImapReply reply;
  std::string whole;
  while (true) {
    const net::Line line = co_await lines_.read_line(longest_line);
    if (line.kind == net::Line::Kind::closed)
      throw std::system_error(net::make_error_code(net::Errc::peer_closed), "imap");
    if (line.kind != net::Line::Kind::complete) accuse("not a line", {"", line.text, {}});
    whole += line.text;
    const auto octets = literal_at_end(line.text);
    if (!octets) break;
    std::string literal;
    const std::function<void(std::string_view)> keep = [&](std::string_view piece) { literal += piece; };
    co_await lines_.read_exactly(*octets, keep);
    reply.literals.push_back(std::move(literal));
  }
  const auto space = std::min(whole.find(' '), whole.size());
  reply.tag = whole.substr(0, space);
  reply.text = whole.substr(std::min(space + 1, whole.size()));
  witness_.note("{} S: {}", who_, whole.substr(0, 200));
  judge(reply);
  co_return reply;
}

void ImapSession::accuse(const std::string& what, const ImapReply& reply) {
  witness_.accuse(fmt::format("IMAP, {}: {}: {} {}", who_, what, reply.tag, reply.text.substr(0, 100)));
}

void ImapSession::judge(const ImapReply& reply) {
  if (reply.tag == "+") {
    if (asked_.empty() || (asked_.front().verb != "IDLE" && asked_.front().verb != "APPEND"))
      accuse("a continuation that nothing asked for", reply);
    return;
  }
  if (!reply.is_tagged()) return judge_untagged(reply);
  if (asked_.empty() || asked_.front().tag != reply.tag) return accuse("a reply out of place", reply);
  const bool known = reply.is_ok() || reply.text.starts_with("NO") || reply.text.starts_with("BAD");
  if (!known) accuse("a reply that is none", reply);
  // In an empty mailbox there is no message 1.
  if (reply.text.starts_with("BAD") && !view_.empty()) accuse("a command that was not understood", reply);
  if (asked_.front().verb == "SELECT") selected_ = reply.is_ok();
  asked_.pop_front();
}

void ImapSession::judge_untagged(const ImapReply& reply) {
  if (reply.text.starts_with("BYE")) leaving_ = true;
  const auto number = number_at(reply.text);
  const auto space = reply.text.find(' ');
  const std::string_view rest = space == std::string::npos ? "" : std::string_view(reply.text).substr(space + 1);
  if (number == 0 && !reply.text.starts_with("0 ")) return;
  const std::string verb = asked_.empty() ? "" : asked_.front().verb;
  if (rest == "EXISTS") {
    if (verb == "SELECT") view_.clear();
    if (number < view_.size()) accuse("fewer messages without EXPUNGE", reply);
    view_.resize(number);
  } else if (rest == "EXPUNGE") {
    if (verb.empty() || verb == "FETCH" || verb == "STORE" || verb == "SEARCH")
      accuse("EXPUNGE where none may be, during \"" + verb + '"', reply);
    if (number == 0 || number > view_.size()) return accuse("EXPUNGE of what is not there", reply);
    view_.erase(view_.begin() + static_cast<std::ptrdiff_t>(number) - 1);
  } else if (rest.starts_with("FETCH ")) {
    judge_fetch(number, reply);
  }
}

void ImapSession::judge_fetch(std::uint32_t number, const ImapReply& reply) {
  if (!selected_) accuse("FETCH without a mailbox", reply);
  if (number == 0 || number > view_.size()) return accuse("FETCH of what is not there", reply);
  const auto at = number - 1;
  const auto uid = reply.number_after("UID ");
  if (uid == 0) return;
  if (view_[at] != 0 && view_[at] != uid) accuse(fmt::format("was UID {}", view_[at]), reply);
  view_[at] = uid;
  const auto before = std::find_if(view_.rend() - at, view_.rend(), [](std::uint32_t known) { return known != 0; });
  if (before != view_.rend() && *before >= uid) accuse(fmt::format("follows UID {}", *before), reply);
}

}  // namespace mailpod::world
