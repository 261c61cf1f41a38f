#include "smtp_client_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <stdexcept>
#include <system_error>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <mailpod/base/octet_source.hpp>

namespace mailpod::conversations {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view server_name = "mx.pod.lab";

// Only what is there: a read left waiting would be in the handshake's way.
awaitable<void> read_present(net::Stream& server, std::string& received) {
  try {
    while (true) {
      const net::Wake wake = co_await server.wait_input(0ms);
      if (wake != net::Wake::input) break;
      char buffer[4096];
      const std::size_t count = co_await server.read_some(buffer);
      if (count == 0) break;
      received.append(buffer, count);
    }
  } catch (const std::system_error&) {
  }
}

awaitable<void> write(net::Stream& server, std::string octets) {
  constexpr std::size_t piece = 64 * 1024;
  try {
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      co_await server.write(std::string_view(octets).substr(at, piece));
    }
  } catch (const std::system_error&) {
    // The client has gone: whether it should have is for the dialogue to say.
  }
}

awaitable<void> close_stream(net::Stream& server) {
  co_await server.close();
}

awaitable<void> begin_tls(net::Stream& server) {
  try {
    co_await server.start_tls();
  } catch (const std::system_error&) {
  }
}

std::string words_for(const std::system_error& failure) {
  std::string words = failure.code().message();
  if (failure.code() != std::errc::protocol_error) return words;
  const std::string_view what = failure.what();
  return std::string(what.substr(0, what.size() - words.size() - 2));
}

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw std::runtime_error("not a number: " + std::string(digits));
  }
  return value;
}

std::vector<std::string> separated(std::string_view list, std::string_view by) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = list.find(by);
    parts.emplace_back(list.substr(0, end));
    if (end == std::string_view::npos) return parts;
    list.remove_prefix(end + by.size());
  }
}

// `NAME=value`: the value of that name among words, with the escapes of `S>`; empty if it is not there.
std::string value_in(std::string_view words, std::string_view name) {
  for (const std::string& word : separated(words, " ")) {
    if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) {
      return octets_of(word.substr(name.size() + 1));
    }
  }
  return {};
}

// A recipient, perhaps with parameters.
smtp::DispatchRecipient addressee(std::string_view words) {
  return {octets_of(words.substr(0, words.find(' '))), value_in(words, "NOTIFY"), value_in(words, "ORCPT")};
}

void demand(std::string_view is, std::string_view should) {
  if (is == should) return;
  throw std::runtime_error("should be: " + std::string(should) + "\n       is: " + std::string(is));
}

}  // namespace

SmtpClientExchange::SmtpClientExchange(std::uint64_t wire_seed) {
  settings_.host_name = "client.example";
  wire_.seed = wire_seed;
  wire_.time = &time_;
  wire_.handshake = true;
}

SmtpClientExchange::~SmtpClientExchange() {
  if (duplex_.client) duplex_.client->abort();
  if (duplex_.server) duplex_.server->abort();
  settle();
}

// ---- what the file says

void SmtpClientExchange::given(std::string_view words) {
  if (words.starts_with("message ")) {
    message_ = octets_of(words.substr(8));
  } else if (words == "an empty message") {
    message_.clear();
  } else if (words.starts_with("sender ")) {
    sender_ = octets_of(words.substr(7));
  } else if (words.starts_with("recipients ")) {
    recipients_.clear();
    for (const std::string& recipient : separated(words.substr(11), ", ")) recipients_.push_back(addressee(recipient));
  } else if (words.starts_with("recipient ")) {
    recipients_ = {addressee(words.substr(10))};
  } else if (words.starts_with("envelope ")) {
    return_content_ = value_in(words, "RET");
    envelope_id_ = value_in(words, "ENVID");
  } else if (words == "smtputf8") {
    smtp_utf8_ = true;
  } else if (words == "requiretls") {
    require_tls_ = true;
  } else if (words.starts_with("a policy demands ")) {
    const bool known = words.ends_with(" authenticated");
    protection_ = known ? smtp::Protection::authenticated : smtp::Protection::encrypted;
  } else if (words == "a certificate of somebody else") {
    wire_.verified = false;
  } else if (words == "no tls") {
    tls_ = smtp::Client::Tls::never;
  } else if (words == "handshake fails") {
    wire_.handshake_fails = true;
  } else if (words.starts_with("setting ")) {
    const std::size_t space = words.rfind(' ');
    set(words.substr(8, space - 8), number_in(words.substr(space + 1)));
  } else {
    throw std::runtime_error("given what? " + std::string(words));
  }
}

void SmtpClientExchange::set(std::string_view name, std::uint64_t value) {
  const std::map<std::string_view, std::function<void()>> settings = {
      {"transaction", [&] { settings_.transaction = std::chrono::milliseconds(value); }},
      {"reply_line", [&] { settings_.reply_line = value; }},
      {"reply_lines", [&] { settings_.reply_lines = value; }},
  };
  const auto setting = settings.find(name);
  if (setting == settings.end()) throw std::runtime_error("no such setting: " + std::string(name));
  setting->second();
}

void SmtpClientExchange::directive(std::size_t, std::string_view words) {
  if (!act(words)) check(words);
}

bool SmtpClientExchange::act(std::string_view words) {
  constexpr std::string_view pass = " seconds pass";
  if (words == "send" || words.starts_with("send ")) {
    if (words.size() > 5) message_ = octets_of(words.substr(5));
    begin(&SmtpClientExchange::hand_over);
  } else if (words == "quit") {
    begin(&SmtpClientExchange::leave);
  } else if (words == "tls") {
    boost::asio::co_spawn(loop_, begin_tls(*duplex_.server), boost::asio::detached);
    settle();
  } else if (words == "the connection breaks") {
    duplex_.sever();
    settle();
  } else if (words.ends_with(pass)) {
    time_.run_for(std::chrono::seconds(number_in(words.substr(0, words.size() - pass.size()))));
  } else {
    return false;
  }
  return true;
}

void SmtpClientExchange::check(std::string_view words) {
  constexpr std::string_view is_told = " is told ";
  if (busy_) throw std::runtime_error("the client is still waiting for something");
  if (const std::size_t verb = words.find(is_told); verb != std::string_view::npos) {
    demand(told(words.substr(0, verb)), words.substr(verb + is_told.size()));
  } else if (words.starts_with("breaks off")) {
    check_failure(words);
  } else if (words.starts_with("greeted ")) {
    demand(greeted_ ? greeted_->str() : "nothing", words.substr(8));
  } else if (words.starts_with("secure with ")) {
    demand(duplex_.client->secure() ? duplex_.client->tls().server_name : "in clear", words.substr(12));
  } else if (words == "in clear") {
    demand(duplex_.client->secure() ? "secure" : "in clear", words);
  } else if (words == "goes on") {
    demand(closed_ || client_->spent() ? "spent" : "goes on", words);
  } else {
    throw std::runtime_error("do what? " + std::string(words));
  }
}

void SmtpClientExchange::check_failure(std::string_view words) {
  if (failure_.empty()) throw std::runtime_error("nothing was broken off");
  demand((client_->data_ended() ? "breaks off in doubt: " : "breaks off: ") + failure_, words);
  if (!client_->spent()) throw std::runtime_error("a connection that failed is not spent");
}

std::string SmtpClientExchange::told(std::string_view recipient) const {
  const auto found = std::ranges::find(recipients_, octets_of(recipient), &smtp::DispatchRecipient::address);
  if (found == recipients_.end()) throw std::runtime_error("no such recipient: " + std::string(recipient));
  const auto place = static_cast<std::size_t>(found - recipients_.begin());
  if (place >= answers_.size() || !answers_[place]) return "nothing";
  return (answers_[place]->by_us ? "by us " : "") + answers_[place]->str();
}

// ---- what the client does

void SmtpClientExchange::begin(Work work) {
  if (busy_) throw std::runtime_error("the client is still waiting for something");
  busy_ = true;
  failure_.clear();
  const auto guarded = [](SmtpClientExchange& self, Work what) -> awaitable<void> {
    try {
      co_await (self.*what)();
    } catch (const std::system_error& failure) {
      self.failure_ = words_for(failure);
    }
    if (self.client_->spent()) {
      self.duplex_.client->abort();
      self.closed_ = true;
    }
    self.busy_ = false;
  };
  boost::asio::co_spawn(loop_, guarded(*this, work), boost::asio::detached);
  settle();
}

awaitable<void> SmtpClientExchange::greet_and_send() {
  const net::TlsPeer peer{std::string(server_name)};
  greeted_ = co_await client_->greet(peer, tls_);
  if (greeted_->accepts()) {
    co_await hand_over();
  } else {
    co_await leave();
  }
}

awaitable<void> SmtpClientExchange::hand_over() {
  answers_.clear();
  const base::MemorySource source(message_);
  const smtp::Dispatch dispatch{sender_,         recipients_, source,       envelope_id_,
                                return_content_, smtp_utf8_,  require_tls_, protection_};
  std::exception_ptr failure;
  try {
    std::vector<smtp::Answer> answers = co_await client_->send(dispatch);
    answers_.assign(answers.begin(), answers.end());
  } catch (const std::system_error&) {
    answers_ = client_->answers();
    failure = std::current_exception();
  }
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> SmtpClientExchange::leave() {
  co_await client_->quit();
  co_await duplex_.client->close();
  closed_ = true;
}

// ---- the runner's view

void SmtpClientExchange::connect(std::size_t client) {
  if (client != 1) throw std::runtime_error("there is one connection");
  duplex_ = simulation::make_duplex(loop_.get_executor(), wire_);
  client_ = std::make_unique<smtp::Client>(*duplex_.client, settings_);
  begin(&SmtpClientExchange::greet_and_send);
}

void SmtpClientExchange::settle() {
  time_.run_for(0us);
}

void SmtpClientExchange::send(std::size_t, std::string_view octets) {
  boost::asio::co_spawn(loop_, write(*duplex_.server, std::string(octets)), boost::asio::detached);
  settle();
}

void SmtpClientExchange::close(std::size_t) {
  boost::asio::co_spawn(loop_, close_stream(*duplex_.server), boost::asio::detached);
  settle();
}

std::string SmtpClientExchange::receive(std::size_t) {
  boost::asio::co_spawn(loop_, read_present(*duplex_.server, received_), boost::asio::detached);
  settle();
  return std::exchange(received_, {});
}

bool SmtpClientExchange::closed(std::size_t) {
  return closed_;
}

}  // namespace mailpod::conversations
