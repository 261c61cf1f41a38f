#include <mailpod/smtp/client.hpp>

#include <algorithm>
#include <array>
#include <system_error>

#include "command_exchange.hpp"
#include "extensions.hpp"
#include "handover.hpp"

namespace mailpod::smtp {

namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

// RFC 5321 §4.1.1.10 has a client await the answer to QUIT; nothing depends on it.
constexpr auto farewell_limit = 5s;

// "Command not recognized", as servers that know no EHLO put it. RFC 5321 §3.2.
bool wants_helo(const Answer& answer) {
  constexpr std::array codes{500, 501, 502, 504};
  return std::ranges::find(codes, answer.code) != codes.end();
}

}  // namespace

struct Client::State {
  State(net::Stream& stream, ClientSettings client_settings)
      : settings(std::move(client_settings)), exchange(stream, settings) {}

  awaitable<Answer> greet(net::TlsPeer peer, Tls tls) {
    const Answer greeting = co_await exchange.hear_completion(settings.greeting);
    if (!greeting.accepts()) co_return greeting;
    Answer answer = co_await introduce();
    const bool wanted = tls == Tls::if_offered && extensions.starttls && !exchange.secure();
    if (!answer.accepts() || !wanted) co_return answer;

    co_await exchange.say("STARTTLS\r\n");
    const Answer ready = co_await exchange.hear_completion(settings.command);
    if (exchange.closing) co_return ready;
    // A server that offers it and then refuses it is not worth less than one that never offered it. RFC 7435
    if (!ready.accepts()) co_return answer;
    co_await exchange.begin_tls(std::move(peer));
    // RFC 3207 §4.2: what was said in clear does not count.
    extensions = {};
    answer = co_await introduce();
    co_return answer;
  }

  awaitable<Answer> introduce() {
    co_await exchange.say("EHLO " + settings.host_name + "\r\n");
    ServerReply reply = co_await exchange.hear(settings.command);
    if (reply.answer.code >= 300 && reply.answer.code < 400) fail_protocol("a 3yz reply to EHLO");
    if (reply.answer.accepts()) extensions = parse_extensions(reply.lines);
    if (!wants_helo(reply.answer)) co_return std::move(reply.answer);

    co_await exchange.say("HELO " + settings.host_name + "\r\n");
    Answer answer = co_await exchange.hear_completion(settings.command);
    co_return answer;
  }

  awaitable<void> take_leave() {
    co_await exchange.say("QUIT\r\n");
    co_await exchange.hear(farewell_limit);
  }

  void remember(const Handover& handover) {
    mail_accepted = handover.mail_accepted();
    answers = handover.answers();
  }

  ClientSettings settings;
  CommandExchange exchange;
  Extensions extensions;
  bool mail_accepted = false;  ///< of the last handover, as answers
  std::vector<std::optional<Answer>> answers;
};

Client::Client(net::Stream& stream, ClientSettings settings)
    : state_(std::make_unique<State>(stream, std::move(settings))) {}

Client::~Client() = default;

const Extensions& Client::extensions() const {
  return state_->extensions;
}

bool Client::data_ended() const {
  return state_->exchange.data_ended;
}

bool Client::spent() const {
  return state_->exchange.closing;
}

bool Client::mail_accepted() const {
  return state_->mail_accepted;
}

const std::vector<std::optional<Answer>>& Client::answers() const {
  return state_->answers;
}

awaitable<Answer> Client::greet(net::TlsPeer peer, Tls tls) {
  try {
    co_return co_await state_->greet(std::move(peer), tls);
  } catch (...) {
    state_->exchange.closing = true;
    throw;
  }
}

awaitable<std::vector<Answer>> Client::send(const Dispatch& dispatch) {
  if (spent()) throw std::system_error(std::make_error_code(std::errc::not_connected), "a connection that is over");
  Handover handover(state_->exchange, state_->extensions, dispatch);
  try {
    std::vector<Answer> answers = co_await handover.run();
    state_->remember(handover);
    co_return answers;
  } catch (...) {
    state_->remember(handover);
    state_->exchange.closing = true;
    throw;
  }
}

awaitable<void> Client::quit() {
  if (spent()) co_return;
  try {
    co_await state_->take_leave();
  } catch (const std::system_error&) {
  }
  state_->exchange.closing = true;
}

}  // namespace mailpod::smtp
