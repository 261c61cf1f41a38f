#include "smtp_exchange.hpp"

#include <charconv>
#include <map>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace mailpod::conversations {

using boost::asio::awaitable;

struct SmtpExchange::Connection {
  simulation::Duplex duplex;
  std::string received;
  bool server_ended = false;
  bool client_saw_end = false;
  std::exception_ptr failure;
};

namespace {

awaitable<void> write_all(net::Stream& client, std::string octets) {
  constexpr std::size_t piece = 64 * 1024;
  try {
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      co_await client.write(std::string_view(octets).substr(at, piece));
    }
  } catch (const std::system_error&) {
    // The server has closed: what it said before is what counts.
  }
}

awaitable<void> read_all(net::Stream& client, std::string& received, bool& ended) {
  try {
    while (true) {
      char buffer[4096];
      const std::size_t count = co_await client.read_some(buffer);
      if (count == 0) break;
      received.append(buffer, count);
    }
  } catch (const std::system_error&) {
  }
  ended = true;
}

awaitable<void> close_stream(net::Stream& stream) {
  co_await stream.close();
}

}  // namespace

SmtpExchange::SmtpExchange(World world, std::uint64_t wire_seed) : world_(std::move(world)) {
  settings_.host_name = "mail.pod.lab";
  settings_.linger = std::chrono::milliseconds(0);
  wire_.seed = wire_seed;
}

SmtpExchange::~SmtpExchange() {
  for (const auto& connection : connections_) {
    connection->duplex.client->abort();
    connection->duplex.server->abort();
  }
  settle();
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
  auto connection = std::make_unique<Connection>();
  Connection& made = *connection;
  connections_.push_back(std::move(connection));
  made.duplex = simulation::make_duplex(loop_.get_executor(), wire_);
  if (!sent_before_greeting_.empty()) {
    boost::asio::co_spawn(loop_, write_all(*made.duplex.client, sent_before_greeting_), boost::asio::detached);
    settle();
  }
  boost::asio::co_spawn(loop_, read_all(*made.duplex.client, made.received, made.client_saw_end),
                        boost::asio::detached);
  const auto talk = [](SmtpExchange& self, Connection& with) -> awaitable<void> {
    const smtp::Services services{self.world_.mailroom, self.world_.credentials, self.clock_, base::silent_log()};
    try {
      co_await smtp::serve(*with.duplex.server, self.role_, self.settings_, services);
    } catch (...) {
      with.failure = std::current_exception();
    }
    with.server_ended = true;
    co_await with.duplex.server->close();
  };
  boost::asio::co_spawn(loop_, talk(*this, made), boost::asio::detached);
  settle();
}

void SmtpExchange::settle() {
  loop_.restart();
  while (loop_.poll() > 0) {
  }
  for (const auto& connection : connections_) {
    if (connection->failure) std::rethrow_exception(std::exchange(connection->failure, nullptr));
  }
}

void SmtpExchange::send(std::size_t client, std::string_view octets) {
  Connection& connection = *connections_.at(client - 1);
  boost::asio::co_spawn(loop_, write_all(*connection.duplex.client, std::string(octets)), boost::asio::detached);
  settle();
}

void SmtpExchange::close(std::size_t client) {
  boost::asio::co_spawn(loop_, close_stream(*connections_.at(client - 1)->duplex.client), boost::asio::detached);
  settle();
}

std::string SmtpExchange::receive(std::size_t client) {
  settle();
  return std::exchange(connections_.at(client - 1)->received, {});
}

bool SmtpExchange::closed(std::size_t client) {
  settle();
  return connections_.at(client - 1)->server_ended;
}

void SmtpExchange::directive(std::size_t client, std::string_view words) {
  Connection& connection = *connections_.at(client - 1);
  if (words == "end input") {
    connection.duplex.server->end_input();
    settle();
  } else if (words == "wait for the end") {
    loop_.restart();
    while (!connection.server_ended && loop_.run_one() > 0) {
    }
    settle();
  } else if (words == "wait for a word") {
    loop_.restart();
    while (connection.received.empty() && loop_.run_one() > 0) {
    }
    settle();
  } else if (!world_.directive(words)) {
    throw std::runtime_error("do what? " + std::string(words));
  }
}

}  // namespace mailpod::conversations
