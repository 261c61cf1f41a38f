#include "commands.hpp"

// RFC 2595 §4.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session& session, const NoArguments&) {
  if (session.stream().secure()) co_return bad("TLS is active already");
  if (!session.stream().offers_tls()) co_return err("TLS cannot be had here");
  auto& lines = session.lines();
  if (!lines.buffered().empty()) {
    // Somebody on the way may have put these commands there, to be run under the client's login (CVE-2011-0411).
    lines.discard();
    session.leave();
    co_return bad("Nothing may follow STLS before the TLS handshake");
  }
  session.start_tls_after_reply();
  co_return ok("Begin TLS negotiation now");
}

}  // namespace

awaitable<Reply> stls(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
