#include "pop3_exchange.hpp"

#include <cerrno>
#include <charconv>
#include <map>
#include <stdexcept>

namespace mailpod::conversations {

namespace {

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc()) throw std::runtime_error("not a number: " + std::string(digits));
  return value;
}

/// Header, and one line that fills it up.
std::string message_of(std::uint64_t octets) {
  const auto head = "Subject: " + std::to_string(octets) + " octets\r\n\r\n";
  return head + std::string(octets - head.size() - 2, 'x') + "\r\n";
}

}  // namespace

Pop3Exchange::Pop3Exchange(std::uint64_t wire_seed) : ServerExchange(wire_seed) {
  wire_.secure = true;
}

Pop3Exchange::~Pop3Exchange() {
  hang_up();
}

void Pop3Exchange::given(std::string_view words) {
  if (words == "no login") {
    logs_in_ = false;
  } else if (words == "no tls") {
    logs_in_ = false;
    wire_.secure = false;
  } else if (words == "no certificate") {
    wire_.offers_tls = false;
  } else if (words == "scram") {
    world_.knows_scram = true;
  } else if (words == "busy") {
    world_.busy = true;
  } else if (words.starts_with("alert ")) {
    world_.alert = words.substr(6);
  } else if (words.starts_with("imap ")) {
    by_imap_.insert(number_in(words.substr(5)));
  } else if (words.starts_with("later ")) {
    later_ = number_in(words.substr(6));
  } else if (words.starts_with("setting ")) {
    const auto rest = words.substr(8);
    const auto space = rest.find(' ');
    set(rest.substr(0, space), number_in(rest.substr(space + 1)));
  } else if (words.starts_with("message of ")) {
    world_.add_message("INBOX", message_of(number_in(words.substr(11))));
  } else if (words.starts_with("message ")) {
    world_.add_message("INBOX", octets_of(words.substr(8)));
  } else if (words.ends_with(" messages") || words.ends_with(" message")) {
    deliver(number_in(words));
  } else {
    throw std::runtime_error("given what? " + std::string(words));
  }
}

void Pop3Exchange::set(std::string_view name, std::uint64_t value) {
  const std::map<std::string_view, std::function<void()>> settings = {
      {"login_timeout", [&] { settings_.login_timeout = std::chrono::seconds(value); }},
      {"idle_timeout", [&] { settings_.idle_timeout = std::chrono::seconds(value); }},
      {"commands_before_login", [&] { settings_.commands_before_login = static_cast<unsigned>(value); }},
      {"bad_before_login", [&] { settings_.bad_before_login = static_cast<unsigned>(value); }},
      {"bad_after_login", [&] { settings_.bad_after_login = static_cast<unsigned>(value); }},
      {"read_slice", [&] { settings_.read_slice = value; }},
      {"output", [&] { settings_.output = value; }},
  };
  const auto setting = settings.find(name);
  if (setting == settings.end()) throw std::runtime_error("no such setting: " + std::string(name));
  setting->second();
}

void Pop3Exchange::deliver(std::uint64_t count) {
  for (; count > 0; --count) {
    const auto number = std::to_string(++delivered_);
    world_.add_message("INBOX", "From: Bob <bob@pod.lab>\r\nTo: alice@pod.lab\r\nSubject: Message " + number +
                                    "\r\n\r\nThis is message " + number + ".\r\n");
  }
}

void Pop3Exchange::damage_messages() {
  for (const auto& path : world_.disk.files()) {
    if (path.find("/Maildir/") == std::string::npos) continue;
    const auto file = world_.disk.open(path, base::Disk::Open::read_write);
    const auto end = file->size() - 1;
    char octet = 0;
    file->read_at(end, std::span<char>(&octet, 1));
    octet = static_cast<char>(octet ^ 1);
    file->write_at(end, std::string_view(&octet, 1));
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

bool Pop3Exchange::act(std::size_t, std::string_view words) {
  if (words == "deliver") {
    deliver(1);
  } else if (words == "revoke") {
    world_.vaults->close(world_.member());
  } else if (words == "full disk") {
    world_.disk.fail_from_call(world_.disk.calls() + 1, ENOSPC);
  } else if (words == "damaged messages") {
    damage_messages();
  } else if (words == "healed disk") {
    world_.disk.heal();
  } else if (words.ends_with(" password checks")) {
    const auto expected = number_in(words);
    if (world_.checks != expected) throw std::runtime_error("password checks: " + std::to_string(world_.checks));
  } else if (words.starts_with("seconds pass ")) {
    world_.clock.advance(std::chrono::seconds(number_in(words.substr(13))));
  } else {
    return false;
  }
  return true;
}

}  // namespace mailpod::conversations
