#include <fmt/format.h>

#include "commands.hpp"

// RFC 1939 §5.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session& session, const NoArguments&) {
  const auto& maildrop = session.maildrop();
  co_return ok(fmt::format("{} {}", maildrop.count(), maildrop.octets()));
}

}  // namespace

awaitable<Reply> stat(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
