#include "vault_exchange.hpp"

#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace mailpod::conversations {

VaultExchange::VaultExchange(std::uint64_t wire_seed) : ServerExchange(wire_seed) {
  wire_.secure = true;
}

std::uint64_t VaultExchange::number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc()) throw std::runtime_error("not a number: " + std::string(digits));
  return value;
}

void VaultExchange::given(std::string_view words) {
  if (words == "no login") {
    logs_in_ = false;
  } else if (words == "no tls") {
    logs_in_ = false;
    wire_.secure = false;
  } else if (words == "no pieces") {
    wire_.seed = 0;
  } else if (words == "no certificate") {
    wire_.offers_tls = false;
  } else if (words == "scram") {
    world_.knows_scram = true;
  } else if (words == "busy") {
    world_.busy = true;
  } else if (words.starts_with("alert ")) {
    world_.alert = words.substr(6);
  } else if (words.starts_with("setting ")) {
    const auto rest = words.substr(8);
    const auto space = rest.find(' ');
    const auto known = settings();
    const auto setting = known.find(rest.substr(0, space));
    if (setting == known.end()) throw std::runtime_error("no such setting: " + std::string(rest));
    setting->second(number_in(rest.substr(space + 1)));
  } else if (!arrange(words)) {
    throw std::runtime_error("given what? " + std::string(words));
  }
}

bool VaultExchange::act(std::size_t, std::string_view words) {
  if (words == "revoke") {
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
    return perform(words);
  }
  return true;
}

void VaultExchange::damage_messages() {
  for (const auto& path : world_.disk.files()) {
    if (path.find("/Maildir/") == std::string::npos) continue;
    const auto file = world_.disk.open(path, base::Disk::Open::read_write);
    const auto at = damaged_octet(file->size());
    char octet = 0;
    file->read_at(at, std::span<char>(&octet, 1));
    octet = static_cast<char>(octet ^ 1);
    file->write_at(at, std::string_view(&octet, 1));
  }
}

}  // namespace mailpod::conversations
