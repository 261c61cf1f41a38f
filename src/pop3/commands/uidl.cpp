#include <fmt/format.h>

#include "commands.hpp"

// RFC 1939 §7.
namespace mailpod::pop3::commands {
namespace {

using Number = std::optional<std::uint64_t>;

std::string listing_of(const Maildrop& maildrop, std::uint64_t number, const store::MessageState& message) {
  return fmt::format("{} {}", number, maildrop.unique_id(message));
}

awaitable<Reply> run(Session& session, const Number& number) {
  const auto& maildrop = session.maildrop();
  if (number) {
    const auto* message = maildrop.find(*number);
    co_return message == nullptr ? no_such_message() : ok(listing_of(maildrop, *number, *message));
  }
  session.begin_lines("Unique-ids follow");
  Maildrop::Walk walk(maildrop);
  while (const auto* message = walk.next()) {
    session.out().line(listing_of(maildrop, walk.number(), *message));
    co_await session.out().flush_if_large();
  }
  session.end_lines();
  co_return given();
}

}  // namespace

awaitable<Reply> uidl(Session& session, text::Cursor in) {
  return parse_and_run<Number>(session, in, parse_optional_number, run);
}

}  // namespace mailpod::pop3::commands
