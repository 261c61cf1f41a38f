#include "commands.hpp"

// RFC 1939 §7. Every name is taken: whether there is such a member, nobody learns before the password.
namespace mailpod::pop3::commands {
namespace {

text::Parsed<std::string> parse(text::Cursor& in) {
  if (!in.take_space() || in.at_end()) return in.error("SP and a user name");
  std::string name(in.rest());
  in.take_octets(name.size());
  return name;
}

awaitable<Reply> run(Session& session, const std::string& name) {
  if (!session.stream().secure()) co_return privacy_required();
  session.user() = name;
  co_return ok("And the password?");
}

}  // namespace

awaitable<Reply> user(Session& session, text::Cursor in) {
  return parse_and_run<std::string>(session, in, parse, run);
}

}  // namespace mailpod::pop3::commands
