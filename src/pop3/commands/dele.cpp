#include "commands.hpp"

// RFC 1939 §5: the message is marked, and QUIT removes it.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session& session, const std::uint64_t& number) {
  auto& maildrop = session.maildrop();
  if (maildrop.find(number) == nullptr) co_return no_such_message();
  maildrop.mark(number);
  co_return ok("Marked as deleted");
}

}  // namespace

awaitable<Reply> dele(Session& session, text::Cursor in) {
  return parse_and_run<std::uint64_t>(session, in, parse_number, run);
}

}  // namespace mailpod::pop3::commands
