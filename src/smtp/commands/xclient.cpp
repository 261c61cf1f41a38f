#include "../xclient.hpp"
#include "../commands.hpp"

namespace mailpod::smtp {

// Postfix's XCLIENT_README: a proxy of ours says whom it speaks for. The session begins anew, greeting included.
awaitable<Reply> run_xclient(Session& session, std::string_view arguments) {
  const auto refuse = [&](Reply reply) {
    ++session.patience.errors;
    return reply;
  };
  if (!session.offers_xclient()) co_return refuse({550, "5.7.0", "you speak for nobody but yourself"});
  // Who has logged in is known already.
  if (session.peer.login) co_return refuse({503, "5.5.1", "not after a login"});
  const auto told = parse_xclient(arguments);
  if (!told) co_return refuse({501, "5.5.4", "expected " + std::string(told.error().expected)});
  const bool early = co_await session.client_runs_ahead();
  if (early) co_return Reply(554, "5.5.0", "wait for the answer to XCLIENT", Next::close);

  session.services.log.info("smtp.xclient proxy={} peer={}", session.stream.peer().address, told->address);
  session.speak_for(told->address, told->helo);
  co_return session.welcome();
}

}  // namespace mailpod::smtp
