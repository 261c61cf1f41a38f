#include <fmt/format.h>

#include "../message_listing.hpp"
#include "commands.hpp"

// RFC 1939 §5.
namespace mailpod::pop3::commands {
namespace {

using Number = std::optional<std::uint64_t>;

std::string shown_of(const Maildrop&, const store::MessageState& message) {
  return std::to_string(message.size);
}

awaitable<Reply> run(Session& session, const Number& number) {
  const auto& maildrop = session.maildrop();
  const MessageListing listing{fmt::format("{} messages, {} octets", maildrop.count(), maildrop.octets()), shown_of};
  auto listed = list_messages(session, number, listing);
  co_return co_await std::move(listed);
}

}  // namespace

awaitable<Reply> list(Session& session, text::Cursor in) {
  return parse_and_run<Number>(session, in, parse_optional_number, run);
}

}  // namespace mailpod::pop3::commands
