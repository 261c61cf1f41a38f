#include "pop3_exchange.hpp"

#include <stdexcept>

namespace mailpod::conversations {

namespace {

/// Header, and one line that fills it up.
std::string message_of(std::uint64_t octets) {
  const auto head = "Subject: " + std::to_string(octets) + " octets\r\n\r\n";
  return head + std::string(octets - head.size() - 2, 'x') + "\r\n";
}

}  // namespace

Pop3Exchange::Pop3Exchange(std::uint64_t wire_seed) : VaultExchange(wire_seed) {}

Pop3Exchange::~Pop3Exchange() {
  hang_up();
}

bool Pop3Exchange::arrange(std::string_view words) {
  if (words.starts_with("imap ")) {
    by_imap_.insert(number_in(words.substr(5)));
  } else if (words.starts_with("later ")) {
    later_ = number_in(words.substr(6));
  } else if (words.starts_with("message of ")) {
    world_.add_message("INBOX", message_of(number_in(words.substr(11))));
  } else if (words.starts_with("message ")) {
    world_.add_message("INBOX", octets_of(words.substr(8)));
  } else if (words.ends_with(" messages") || words.ends_with(" message")) {
    deliver(number_in(words));
  } else {
    return false;
  }
  return true;
}

VaultExchange::SettingTable Pop3Exchange::settings() {
  return {
      {"login_timeout", [this](std::uint64_t value) { settings_.login_timeout = std::chrono::seconds(value); }},
      {"idle_timeout", [this](std::uint64_t value) { settings_.idle_timeout = std::chrono::seconds(value); }},
      {"commands_before_login",
       [this](std::uint64_t value) { settings_.commands_before_login = static_cast<unsigned>(value); }},
      {"bad_before_login", [this](std::uint64_t value) { settings_.bad_before_login = static_cast<unsigned>(value); }},
      {"bad_after_login", [this](std::uint64_t value) { settings_.bad_after_login = static_cast<unsigned>(value); }},
      {"days_kept", [this](std::uint64_t value) { settings_.days_kept = static_cast<std::uint32_t>(value); }},
      {"read_slice", [this](std::uint64_t value) { settings_.read_slice = value; }},
      {"output", [this](std::uint64_t value) { settings_.output = value; }},
  };
}

void Pop3Exchange::deliver(std::uint64_t count) {
  for (; count > 0; --count) {
    const auto number = std::to_string(++delivered_);
    world_.add_message("INBOX", "From: Bob <bob@pod.lab>\r\nTo: alice@pod.lab\r\nSubject: Message " + number +
                                    "\r\n\r\nThis is message " + number + ".\r\n");
  }
}

void Pop3Exchange::connect(std::size_t client) {
  if (!pop3_) {
    imap_ = std::make_unique<imap::Server>(
        imap::Server::Ports{world_, *world_.vaults, world_.spool(), world_.clock, base::silent_log()}, imap_settings_);
    pop3_ = std::make_unique<pop3::Server>(
        pop3::Server::Ports{world_, *world_.vaults, world_.clock, base::silent_log()}, settings_);
  }
  if (client != later_) begin(client);
}

void Pop3Exchange::begin(std::size_t client) {
  next_is_imap_ = by_imap_.contains(client);
  if (open() != client) throw std::runtime_error("who comes later has the highest number");
  if (next_is_imap_) {
    send(client, "login LOGIN alice \"correct horse\"\r\nselect SELECT INBOX\r\n");
  } else if (logs_in_) {
    send(client, "USER alice\r\nPASS correct horse\r\n");
  } else {
    return;
  }
  if (receive(client).find("OK") == std::string::npos) throw std::runtime_error("cannot log in");
}

std::string Pop3Exchange::receive(std::size_t client) {
  return client == later_ ? std::string() : ServerExchange::receive(client);
}

boost::asio::awaitable<void> Pop3Exchange::serve(net::Stream& client) {
  return next_is_imap_ ? imap_->converse(client) : pop3_->converse(client);
}

void Pop3Exchange::directive(std::size_t client, std::string_view words) {
  if (words != "come") return ServerExchange::directive(client, words);
  later_ = 0;
  begin(client);
}

bool Pop3Exchange::perform(std::string_view words) {
  if (words != "deliver") return false;
  deliver(1);
  return true;
}

}  // namespace mailpod::conversations
