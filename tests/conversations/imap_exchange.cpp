#include "imap_exchange.hpp"

#include <cerrno>
#include <charconv>
#include <fstream>
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

ImapExchange::ImapExchange(std::uint64_t wire_seed) : ServerExchange(wire_seed) {
  wire_.secure = true;
}

ImapExchange::~ImapExchange() {
  hang_up();
}

void ImapExchange::given(std::string_view words) {
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
  } else if (words == "index") {
    world_.index();
  } else if (words.starts_with("alert ")) {
    world_.alert = words.substr(6);
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
  } else if (words.starts_with("setting ")) {
    const auto [name, value] = split(words.substr(8), " ");
    set(name, number_in(value));
  } else if (words.find(" in ") != std::string_view::npos) {
    const auto [count, mailbox] = split(words, " in ");
    deliver(mailbox, number_in(count));
  } else {
    throw std::runtime_error("given what? " + std::string(words));
  }
}

void ImapExchange::set(std::string_view name, std::uint64_t value) {
  const std::map<std::string_view, std::function<void()>> settings = {
      {"login_timeout", [&] { settings_.login_timeout = std::chrono::seconds(value); }},
      {"idle_timeout", [&] { settings_.idle_timeout = std::chrono::seconds(value); }},
      {"quota_octets", [&] { world_.quota.octets = value; }},
      {"quota_messages", [&] { world_.quota.messages = value; }},
      {"message", [&] { settings_.message = value; }},
      {"unauthenticates", [&] { settings_.unauthenticates = static_cast<unsigned>(value); }},
      {"commands_before_login", [&] { settings_.commands_before_login = static_cast<unsigned>(value); }},
      {"saved_messages", [&] { settings_.saved_messages = static_cast<std::uint32_t>(value); }},
      {"set_ranges", [&] { settings_.set_ranges = value; }},
      {"notifications", [&] { settings_.notifications = value; }},
      {"bad_before_login", [&] { settings_.bad_before_login = static_cast<unsigned>(value); }},
      {"bad_after_login", [&] { settings_.bad_after_login = static_cast<unsigned>(value); }},
      {"read_slice", [&] { settings_.read_slice = value; }},
      {"output", [&] { settings_.output = value; }},
  };
  const auto setting = settings.find(name);
  if (setting == settings.end()) throw std::runtime_error("no such setting: " + std::string(name));
  setting->second();
}

void ImapExchange::deliver(std::string_view mailbox, std::uint64_t count) {
  for (; count > 0; --count) {
    const auto number = std::to_string(++delivered_);
    world_.add_message(mailbox, "From: Bob <bob@pod.lab>\r\nTo: alice@pod.lab\r\nSubject: Message " + number +
                                    "\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + number +
                                    "@pod.lab>\r\n\r\nThis is message " + number + ".\r\n");
  }
}

void ImapExchange::damage_messages() {
  for (const auto& path : world_.disk.files()) {
    if (path.find("/Maildir/") == std::string::npos) continue;
    const auto file = world_.disk.open(path, base::Disk::Open::read_write);
    const auto middle = file->size() / 2;
    char octet = 0;
    file->read_at(middle, std::span<char>(&octet, 1));
    octet = static_cast<char>(octet ^ 1);
    file->write_at(middle, std::string_view(&octet, 1));
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

bool ImapExchange::act(std::size_t, std::string_view words) {
  if (words.starts_with("deliver to ")) {
    deliver(words.substr(11), 1);
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
  } else if (words.starts_with("seconds a look at the clock ")) {
    world_.clock.tick(std::chrono::seconds(number_in(words.substr(28))));
  } else {
    return false;
  }
  return true;
}

}  // namespace mailpod::conversations
