#include "smtp_exchange.hpp"

#include <charconv>
#include <map>
#include <stdexcept>

namespace mailpod::conversations {

SmtpExchange::SmtpExchange(World world, std::uint64_t wire_seed)
    : ServerExchange(wire_seed), world_(std::move(world)) {
  settings_.host_name = "mail.pod.lab";
  settings_.linger = std::chrono::milliseconds(0);
}

SmtpExchange::~SmtpExchange() {
  hang_up();
}

void SmtpExchange::given(std::string_view words) {
  if (words == "role submission") {
    role_ = smtp::Role::submission;
  } else if (words == "role lmtp") {
    role_ = smtp::Role::lmtp;
  } else if (words == "tls") {
    wire_.secure = true;
  } else if (words == "no certificate") {
    wire_.offers_tls = false;
  } else if (words.starts_with("xclient ")) {
    settings_.xclient.push_back(net::Network::parse(words.substr(8)).value());
  } else if (words.starts_with("setting ")) {
    const std::string_view rest = words.substr(8);
    const std::size_t space = rest.find(' ');
    std::uint64_t value = 0;
    std::from_chars(rest.data() + space + 1, rest.data() + rest.size(), value);
    set(rest.substr(0, space), value);
  } else if (words.starts_with("sent before the greeting ")) {
    sent_before_greeting_ = std::string(words.substr(25)) + "\r\n";
  } else if (!world_.given(words)) {
    throw std::runtime_error("given what? " + std::string(words));
  }
}

void SmtpExchange::set(std::string_view name, std::uint64_t value) {
  const std::map<std::string_view, std::function<void()>> settings = {
      {"message_size", [&] { settings_.message_size = value; }},
      {"recipients", [&] { settings_.recipients = value; }},
      {"errors", [&] { settings_.errors = value; }},
      {"refused_recipients", [&] { settings_.refused_recipients = value; }},
      {"idle_commands", [&] { settings_.idle_commands = value; }},
      {"logins", [&] { settings_.logins = value; }},
      {"messages", [&] { settings_.messages = value; }},
      {"timeout", [&] { settings_.timeout = std::chrono::milliseconds(value); }},
      {"greeting_pause", [&] { settings_.greeting_pause = std::chrono::milliseconds(value); }},
      {"slowest_data", [&] { settings_.slowest_data = value; }},
  };
  const auto setting = settings.find(name);
  if (setting == settings.end()) throw std::runtime_error("no such setting: " + std::string(name));
  setting->second();
}

void SmtpExchange::connect(std::size_t) {
  open(sent_before_greeting_);
}

boost::asio::awaitable<void> SmtpExchange::serve(net::Stream& client) {
  const smtp::Services services{world_.mailroom, world_.credentials, clock_, base::silent_log()};
  co_await smtp::serve(client, role_, settings_, services);
}

bool SmtpExchange::act(std::size_t, std::string_view words) {
  return world_.directive(words);
}

}  // namespace mailpod::conversations
