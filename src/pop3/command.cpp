#include "command.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "commands/commands.hpp"

namespace mailpod::pop3 {
namespace {

using enum States;

/// RFC 1939 §5 to §7 in its order, then the extensions.
constexpr CommandRow rows[] = {
    {"QUIT", any, commands::quit},           {"STAT", transaction, commands::stat},
    {"LIST", transaction, commands::list},   {"RETR", transaction, commands::retr},
    {"DELE", transaction, commands::dele},   {"NOOP", transaction, commands::noop},
    {"RSET", transaction, commands::rset},   {"TOP", transaction, commands::top},
    {"UIDL", transaction, commands::uidl},   {"USER", authorization, commands::user},
    {"PASS", authorization, commands::pass}, {"CAPA", any, commands::capa},  // RFC 2449
    {"STLS", authorization, commands::stls},                                 // RFC 2595
    {"AUTH", authorization, commands::auth},                                 // RFC 5034
};

}  // namespace

const CommandRow* find_command(std::string_view name) {
  const auto* found =
      std::ranges::find_if(rows, [&](const CommandRow& row) { return text::equal_fold(row.name, name); });
  return found == std::end(rows) ? nullptr : found;
}

text::Parsed<NoArguments> parse_no_arguments(text::Cursor&) {
  return NoArguments{};
}

text::Parsed<std::uint64_t> parse_number(text::Cursor& in) {
  if (!in.take_space()) return in.error("SP and a message number");
  in.skip_wsp();
  return in.number();
}

text::Parsed<std::optional<std::uint64_t>> parse_optional_number(text::Cursor& in) {
  auto ahead = in;
  ahead.skip_wsp();
  if (ahead.at_end()) return std::optional<std::uint64_t>();
  const auto number = parse_number(in);
  if (number.has_error()) return number.error();
  return std::optional<std::uint64_t>(*number);
}

Reply no_such_message() {
  return err("There is no such message");
}

Reply privacy_required() {
  return err("Use TLS first");
}

}  // namespace mailpod::pop3
