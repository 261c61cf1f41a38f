#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/text/cursor.hpp>

#include "answer.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// In which states of RFC 3501 §3 a command may be given.
enum class States { any, not_authenticated, authenticated_or_selected, selected };

/// One command: a row here, a file in commands/, a dialogue.
struct CommandRow {
  std::string_view name;  ///< `UID FETCH` is a command of its own
  States states;
  /// Whether EXPUNGE may be told before the command's OK.
  Expunges expunges;
  /// Parses what follows the name and runs it. The cursor's octets outlive the call.
  awaitable<Answer> (*perform)(Session& session, text::Cursor in);
  /// For commands that read a message themselves: whether, after the name, the literal that comes next is one.
  bool (*awaits_message)(text::Cursor in, const Dialect& dialect) = nullptr;
};

/// Its arguments or its responses are numbers of messages: not for whom UIDONLY is enabled. RFC 9586 §3.
bool uses_message_numbers(const CommandRow& row);

/// nullptr if there is no such command; names in any case.
const CommandRow* find_command(std::string_view name);

/// Takes a command's name, `UID` with the word after it.
std::string take_command_name(text::Cursor& in);

/// The value of a command without arguments.
struct NoArguments {};
text::Parsed<NoArguments> parse_no_arguments(text::Cursor& in, const Dialect& dialect);

/// The usual way to perform: `parse` gives a value, the command ends there, `run` does it.
template <class Value>
awaitable<Answer> parse_and_run(Session& session, text::Cursor in,
                                text::Parsed<Value> (*parse)(text::Cursor&, const Dialect&),
                                awaitable<Answer> (*run)(Session&, const Value&)) {
  const auto value = parse(in, session.dialect());
  if (value.has_error()) co_return bad(value.error());
  if (!in.at_end()) co_return bad(in.error("the end of the command"));
  auto running = run(session, *value);
  co_return co_await std::move(running);
}

}  // namespace mailpod::imap
