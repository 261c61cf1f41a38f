#include "imap_exchange.hpp"

#include <fstream>
#include <stdexcept>

namespace mailpod::conversations {

namespace {

/// The words before and after ` word `.
std::pair<std::string_view, std::string_view> split(std::string_view words, std::string_view at) {
  const auto place = words.find(at);
  if (place == std::string_view::npos) return {words, {}};
  return {words.substr(0, place), words.substr(place + at.size())};
}

/// `Subject: Trip | Body: We go.` as a message.
std::string letter_of(std::string_view lines) {
  constexpr std::string_view body_mark = "Body: ";
  std::string header;
  std::string body;
  while (!lines.empty()) {
    const auto [line, rest] = split(lines, " | ");
    if (line.starts_with(body_mark)) {
      body += std::string(line.substr(body_mark.size())) + "\r\n";
    } else {
      header += std::string(line) + "\r\n";
    }
    lines = rest;
  }
  return header + "\r\n" + body;
}

std::string read_message(std::string_view file) {
  std::ifstream in(std::string(MAILPOD_SOURCE_DIR) + "/tests/conversations/imap/messages/" + std::string(file),
                   std::ios::binary);
  if (!in) throw std::runtime_error("no such message: " + std::string(file));
  std::string octets;
  for (std::string line; std::getline(in, line);) octets += line + "\r\n";
  return octets;
}

}  // namespace

ImapExchange::ImapExchange(std::uint64_t wire_seed) : VaultExchange(wire_seed) {}

ImapExchange::~ImapExchange() {
  hang_up();
}

bool ImapExchange::arrange(std::string_view words) {
  if (words == "index") {
    world_.index();
  } else if (words.starts_with("selected ")) {
    selects_ = words.substr(9);
  } else if (words.starts_with("mailbox ")) {
    const auto [name, count] = split(words.substr(8), " with ");
    world_.mailbox_id(name);
    if (!count.empty()) deliver(name, number_in(count));
  } else if (words.starts_with("file ")) {
    const auto [file, mailbox] = split(words.substr(5), " in ");
    world_.add_message(mailbox, read_message(file));
  } else if (words.starts_with("letter in ")) {
    const auto [mailbox, lines] = split(words.substr(10), " | ");
    world_.clock.advance(std::chrono::minutes(1));
    world_.add_message(mailbox, letter_of(lines));
  } else if (words.find(" in ") != std::string_view::npos) {
    const auto [count, mailbox] = split(words, " in ");
    deliver(mailbox, number_in(count));
  } else {
    return false;
  }
  return true;
}

VaultExchange::SettingTable ImapExchange::settings() {
  return {
      {"login_timeout", [this](std::uint64_t value) { settings_.login_timeout = std::chrono::seconds(value); }},
      {"idle_timeout", [this](std::uint64_t value) { settings_.idle_timeout = std::chrono::seconds(value); }},
      {"quota_octets", [this](std::uint64_t value) { world_.quota.octets = value; }},
      {"quota_messages", [this](std::uint64_t value) { world_.quota.messages = value; }},
      {"message", [this](std::uint64_t value) { settings_.message = value; }},
      {"unauthenticates", [this](std::uint64_t value) { settings_.unauthenticates = static_cast<unsigned>(value); }},
      {"commands_before_login",
       [this](std::uint64_t value) { settings_.commands_before_login = static_cast<unsigned>(value); }},
      {"saved_messages", [this](std::uint64_t value) { settings_.saved_messages = static_cast<std::uint32_t>(value); }},
      {"set_ranges", [this](std::uint64_t value) { settings_.set_ranges = value; }},
      {"notifications", [this](std::uint64_t value) { settings_.notifications = value; }},
      {"bad_before_login", [this](std::uint64_t value) { settings_.bad_before_login = static_cast<unsigned>(value); }},
      {"bad_after_login", [this](std::uint64_t value) { settings_.bad_after_login = static_cast<unsigned>(value); }},
      {"read_slice", [this](std::uint64_t value) { settings_.read_slice = value; }},
      {"output", [this](std::uint64_t value) { settings_.output = value; }},
  };
}

void ImapExchange::deliver(std::string_view mailbox, std::uint64_t count) {
  for (; count > 0; --count) {
    const auto number = std::to_string(++delivered_);
    world_.add_message(mailbox, "From: Bob <bob@pod.lab>\r\nTo: alice@pod.lab\r\nSubject: Message " + number +
                                    "\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + number +
                                    "@pod.lab>\r\n\r\nThis is message " + number + ".\r\n");
  }
}

void ImapExchange::connect(std::size_t) {
  if (!server_) {
    server_ = std::make_unique<imap::Server>(
        imap::Server::Ports{world_, *world_.vaults, world_.spool(), world_.clock, base::silent_log()}, settings_);
  }
  const auto client = open();
  if (logs_in_) send(client, "login LOGIN alice \"correct horse\"\r\n");
  if (!selects_.empty()) send(client, "select SELECT " + selects_ + "\r\n");
  if (logs_in_ && receive(client).find("OK") == std::string::npos) throw std::runtime_error("cannot log in");
}

boost::asio::awaitable<void> ImapExchange::serve(net::Stream& client) {
  return server_->converse(client);
}

bool ImapExchange::perform(std::string_view words) {
  if (words.starts_with("deliver to ")) {
    deliver(words.substr(11), 1);
  } else if (words.starts_with("seconds a look at the clock ")) {
    world_.clock.tick(std::chrono::seconds(number_in(words.substr(28))));
  } else {
    return false;
  }
  return true;
}

}  // namespace mailpod::conversations
