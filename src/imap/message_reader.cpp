#include "message_reader.hpp"

#include <algorithm>

#include <mailpod/net/error.hpp>

#include "status_for.hpp"

namespace mailpod::imap {
namespace {

crypto::SpoolSettings spool_settings(const Settings& settings) {
  crypto::SpoolSettings spool;
  spool.limit = settings.message;
  return spool;
}

}  // namespace

MessageReader::MessageReader(Session& session)
    : session_(session), spool_(session.ports().spool, spool_settings(session.settings())) {}

awaitable<std::optional<Answer>> MessageReader::read() {
  return take(Fate::kept);
}

awaitable<std::optional<Answer>> MessageReader::discard() {
  return take(Fate::dropped);
}

awaitable<std::optional<Answer>> MessageReader::take(Fate fate) {
  const auto announced = *session_.announced_message();
  if (announced.synchronizing) {
    session_.out().line("+ Ready for the message");
    co_await session_.out().flush();
  }
  // Without asking, a client may send far more than it may store. A little of that is read, to answer in peace.
  if (announced.octets > 4 * session_.settings().message) {
    session_.say_bye("The message is too big");
    co_return no("[TOOBIG] The message is too big");
  }
  auto taking = take_octets(announced.octets, fate);
  auto failure = co_await std::move(taking);
  auto& lines = session_.requests().lines();
  const auto end = co_await lines.read_line(session_.settings().line, net::Overlong::stop);
  if (end.kind == net::Line::Kind::closed) session_.leave();
  if (end.kind != net::Line::Kind::complete || !end.text.empty()) {
    // More messages (MULTIAPPEND) were not offered; a literal among them would be taken for commands.
    if (end.text.ends_with('}') || end.kind == net::Line::Kind::too_long)
      session_.say_bye("Expected the end of APPEND");
    co_return bad("Expected the end of the command after the message");
  }
  co_return failure;
}

awaitable<std::optional<Answer>> MessageReader::take_octets(std::uint64_t octets, Fate fate) {
  std::optional<Answer> failure;
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(octets, 64 * 1024)), '\0');
  while (octets > 0) {
    const std::span<char> room(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(octets, buffer.size())));
    const auto count = co_await session_.requests().lines().read_some(room);
    if (count == 0) throw std::system_error(make_error_code(net::Errc::peer_closed));
    octets -= count;
    if (fate == Fate::dropped || failure) continue;
    const std::string_view piece(buffer.data(), count);
    if (piece.find('\0') != std::string_view::npos) {
      failure = bad("NUL is not allowed in a message");  // RFC 3501 §4.3: CHAR8
      continue;
    }
    const auto kept = co_await keep(piece);
    if (kept.has_error()) failure = session_.answer_for(kept.error());
  }
  co_return failure;
}

/// On the pool once the spool may touch the disk.
awaitable<Status> MessageReader::keep(std::string_view octets) {
  auto& spool = spool_;
  const auto append = [&spool, &octets] { return spool.append(octets); };
  co_return co_await session_.on_pool(append);
}

}  // namespace mailpod::imap
