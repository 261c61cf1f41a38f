#include "message_listing.hpp"

#include <fmt/format.h>

#include "command.hpp"

namespace mailpod::pop3 {

awaitable<Reply> list_messages(Session& session, std::optional<std::uint64_t> number, const MessageListing& listing) {
  const auto& maildrop = session.maildrop();
  const auto line_of = [&](std::uint64_t its_number, const store::MessageState& message) {
    return fmt::format("{} {}", its_number, listing.shown(maildrop, message));
  };
  if (number) {
    const auto* message = maildrop.find(*number);
    co_return message == nullptr ? no_such_message() : ok(line_of(*number, *message));
  }
  session.begin_lines(listing.status);
  Maildrop::Walk walk(maildrop);
  while (const auto* message = walk.next()) {
    session.out().line(line_of(walk.number(), *message));
    co_await session.out().flush_if_large();
  }
  session.end_lines();
  co_return given();
}

}  // namespace mailpod::pop3
