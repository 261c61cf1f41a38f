#include "../commands.hpp"

namespace mailpod::smtp {

// RFC 3207 §4
awaitable<Reply> run_starttls(Session& session, std::string_view) {
  if (session.is_lmtp()) co_return Reply(502, "5.5.1", "TLS is not offered on a local socket");
  if (session.peer.tls) {
    ++session.patience.errors;
    co_return Reply(503, "5.5.1", "TLS is active already");
  }
  if (!session.stream.offers_tls()) co_return Reply(454, "4.7.0", "TLS is not available now");
  // Octets that came in clear must never be taken for something said under TLS (CVE-2011-0411).
  const bool early = co_await session.client_runs_ahead();
  if (early) co_return Reply(554, "5.5.0", "wait for the answer to STARTTLS", Next::close);

  const Reply ready(220, "2.0.0", "ready to start TLS");
  co_await session.say(ready);
  co_await session.flush();
  co_await session.stream.start_tls();
  session.forget_everything();
  co_return Reply();
}

}  // namespace mailpod::smtp
