#include "letter.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace mailpod::world {
namespace {

constexpr std::string_view id_begins = "Message-ID: <t";
constexpr std::array<std::string_view, 9> lines = {
    ".", "..", "...", ".hidden", "", "From here on", "\xc3\xa4\xe2\x82\xac and more", " .", "QUIT",
};

/// The value of the line that begins with `name`, from `at` on, which moves behind it; empty if there is none.
std::string_view value_of(std::string_view name, std::string_view text, std::size_t& at) {
  at = text.find(name, at);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  const auto end = std::min(text.find("\r\n", begin), text.size());
  at = end;
  return text.substr(begin, end - begin);
}

}  // namespace

Letter write_letter(simulation::Dice& dice, std::uint64_t number, std::string_view from) {
  Letter letter;
  letter.token = fmt::format("t{}", number);
  letter.octets = fmt::format(
      "From: {}\r\nTo: somebody@example.org\r\nSubject: letter {}\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
      "Message-ID: <{}@world.example>\r\n\r\n",
      from, number, letter.token);
  const std::size_t size = dice.below(40) == 0 ? 40'000 + dice.below(40'000) : dice.below(2'000);
  letter.octets += fmt::format("{}\r\n", secret);
  while (letter.octets.size() < size) {
    if (dice.below(3) == 0) {
      letter.octets += lines[dice.below(lines.size())];
    } else {
      letter.octets += fmt::format("{} {}", secret, std::string(dice.below(size > 10'000 ? 800 : 60), 'x'));
    }
    letter.octets += "\r\n";
  }
  letter.octets += std::string(lines[dice.below(lines.size())]) + "\r\n";
  return letter;
}

std::string token_of(std::string_view message) {
  if (is_report(message)) return {};
  const auto begin = message.find(id_begins);
  if (begin == std::string_view::npos) return {};
  const auto at = begin + id_begins.size() - 1;
  return std::string(message.substr(at, message.find('@', at) - at));
}

std::string difference(std::string_view message, const Letter& letter) {
  if (!message.ends_with(letter.octets)) {
    const auto sent = letter.octets.substr(letter.octets.find("\r\n\r\n"));
    const auto at = message.find("\r\n\r\n");
    const auto body = at == std::string_view::npos ? std::string_view() : message.substr(at);
    const auto same = std::ranges::mismatch(body, sent).in1 - body.begin();
    return fmt::format("is not what was sent: {} octets of body instead of {}, other from octet {} on", body.size(),
                       sent.size(), same);
  }
  auto trace = message.substr(0, message.size() - letter.octets.size());
  while (!trace.empty()) {
    const bool field = trace.starts_with("Return-Path: ") || trace.starts_with("Delivered-To: ") ||
                       trace.starts_with("Received: ") || trace.starts_with("DKIM-Signature: ") ||
                       trace.front() == ' ' || trace.front() == '\t';
    const auto end = trace.find("\r\n");
    if (!field || end == std::string_view::npos) return fmt::format("begins with {}", trace.substr(0, 40));
    trace.remove_prefix(end + 2);
  }
  return {};
}

bool is_report(std::string_view message) {
  return message.starts_with("Return-Path: <>\r\n");
}

std::vector<std::pair<std::string, std::string>> reported(std::string_view message) {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t at = 0;;) {
    const auto recipient = value_of("\r\nFinal-Recipient: rfc822;", message, at);
    if (at == std::string_view::npos) break;
    const auto action = value_of("\r\nAction: ", message, at);
    if (at == std::string_view::npos) break;
    const auto first = std::min(recipient.find_first_not_of(' '), recipient.size());
    all.emplace_back(recipient.substr(first), action);
  }
  return all;
}

}  // namespace mailpod::world
