#include <mailpod/smtp/server.hpp>

#include "session.hpp"

namespace mailpod::smtp {

namespace {

std::optional<Reply> farewell_for(const Session& session, std::error_code failure) {
  if (session.dismissed()) return Reply(421, "4.7.0", "your login is no longer valid");
  if (failure == net::Errc::shutting_down) return Reply(421, "4.3.2", "this server is stopping, try again later");
  if (failure == std::errc::timed_out) return Reply(421, "4.4.2", "waited too long for you");
  return std::nullopt;
}

// The peer may be gone already, or be the reason why we stop: a farewell is only tried.
awaitable<void> try_to_say(Session& session, const Reply& farewell) {
  try {
    co_await session.say(farewell);
    co_await session.flush();
  } catch (const std::system_error&) {
  }
}

}  // namespace

awaitable<void> serve(net::Stream& stream, Role role, const Settings& settings, Services services) {
  Session session(stream, role, settings, services);
  std::error_code failure;
  try {
    co_await session.converse();
  } catch (const std::system_error& error) {
    failure = error.code();
  }
  if (!failure) co_return;
  services.log.debug("smtp.ended peer={} reason={}", session.peer.address, failure.message());
  if (const auto farewell = farewell_for(session, failure)) co_await try_to_say(session, *farewell);
  // Here, where the dismissal still sees to it that closing takes no longer than its grace.
  if (session.dismissed()) co_await stream.close();
}

}  // namespace mailpod::smtp
