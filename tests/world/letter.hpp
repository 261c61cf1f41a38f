#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/dice.hpp"

namespace mailpod::world {

/// A message that no other resembles.
struct Letter {
  std::string token;   ///< `t17`; in its Message-ID, so that it is known wherever it turns up
  std::string octets;  ///< as its author wrote it: CRLF line ends, no dot stuffed
};

/// In the body of every letter, several times if it is long: must never be found on a disk.
inline constexpr std::string_view secret = "never in clear on the disk";

/// `number` makes the token. Bodies hold what transports stumble over: dots at the beginning of lines, lines that are
/// but a dot, empty ones, octets beyond ASCII; some are large.
Letter write_letter(simulation::Dice& dice, std::uint64_t number, std::string_view from);

/// Of a message as it lies in a mailbox or at another server; empty if no letter is in it, or it is a report.
std::string token_of(std::string_view message);
/// What is wrong with `message`, which should be the letter behind trace fields (Return-Path, Delivered-To, Received) and
/// signatures; empty if nothing.
std::string difference(std::string_view message, const Letter& letter);

/// A delivery status notification, as the null reverse path says.
bool is_report(std::string_view message);
/// Each recipient in it with what happened: `failed`, `delayed`.
std::vector<std::pair<std::string, std::string>> reported(std::string_view message);

}  // namespace mailpod::world
