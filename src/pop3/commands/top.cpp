#include "../message_sending.hpp"
#include "commands.hpp"

// RFC 1939 §7. A look, not a reading: \Seen stays as it is.
namespace mailpod::pop3::commands {
namespace {

struct Top {
  std::uint64_t number;
  std::uint64_t body_lines;
};

text::Parsed<Top> parse(text::Cursor& in) {
  const auto number = parse_number(in);
  if (number.has_error()) return number.error();
  if (!in.take_space()) return in.error("SP and a number of lines");
  in.skip_wsp();
  const auto body_lines = in.number();
  if (body_lines.has_error()) return body_lines.error();
  return Top{*number, *body_lines};
}

awaitable<Reply> run(Session& session, const Top& top) {
  const auto* message = session.maildrop().find(top.number);
  if (message == nullptr) co_return no_such_message();
  auto sending = send_message(session, *message, top.body_lines);
  co_return co_await std::move(sending);
}

}  // namespace

awaitable<Reply> top(Session& session, text::Cursor in) {
  return parse_and_run<Top>(session, in, parse, run);
}

}  // namespace mailpod::pop3::commands
