#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/text/cursor.hpp>

#include "reply.hpp"
#include "session.hpp"

namespace mailpod::pop3 {

/// In which states of RFC 1939 §3 a command may be given. UPDATE has none: QUIT does its work.
enum class States { authorization, transaction, any };

/// One command: a row here, a file in commands/, a dialogue.
struct CommandRow {
  std::string_view name;
  States states;
  /// Parses what follows the name and runs it. The cursor's octets outlive the call.
  awaitable<Reply> (*perform)(Session& session, text::Cursor in);
};

/// nullptr if there is no such command; names in any case.
const CommandRow* find_command(std::string_view name);

/// The value of a command without arguments.
struct NoArguments {};
text::Parsed<NoArguments> parse_no_arguments(text::Cursor& in);

/// A message's number.
text::Parsed<std::uint64_t> parse_number(text::Cursor& in);
/// The argument of LIST and UIDL: a message's number, or nothing.
text::Parsed<std::optional<std::uint64_t>> parse_optional_number(text::Cursor& in);

/// The usual way to perform: `parse` gives a value, the command ends there, `run` does it.
template <class Value>
awaitable<Reply> parse_and_run(Session& session, text::Cursor in, text::Parsed<Value> (*parse)(text::Cursor&),
                               awaitable<Reply> (*run)(Session&, const Value&)) {
  const auto value = parse(in);
  if (value.has_error()) co_return bad(value.error());
  // Some clients of the last century leave a space at the end of STAT and its like.
  in.skip_wsp();
  if (!in.at_end()) co_return bad(in.error("the end of the command"));
  auto running = run(session, *value);
  co_return co_await std::move(running);
}

/// For numbers that no message has, or no longer.
Reply no_such_message();
/// Where a password would cross the network in clear: none is looked at.
Reply privacy_required();

}  // namespace mailpod::pop3
