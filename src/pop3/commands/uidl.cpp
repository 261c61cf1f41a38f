#include "../message_listing.hpp"
#include "commands.hpp"

// RFC 1939 §7.
namespace mailpod::pop3::commands {
namespace {

using Number = std::optional<std::uint64_t>;

std::string shown_of(const Maildrop& maildrop, const store::MessageState& message) {
  return maildrop.unique_id(message);
}

awaitable<Reply> run(Session& session, const Number& number) {
  const MessageListing listing{"Unique-ids follow", shown_of};
  auto listed = list_messages(session, number, listing);
  co_return co_await std::move(listed);
}

}  // namespace

awaitable<Reply> uidl(Session& session, text::Cursor in) {
  return parse_and_run<Number>(session, in, parse_optional_number, run);
}

}  // namespace mailpod::pop3::commands
