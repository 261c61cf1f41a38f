// Another device of a member: it changes nothing, and sees every change in the order in which it may be shown.
#include <algorithm>
#include <system_error>

#include "actors.hpp"
#include "imap_session.hpp"

namespace mailpod::world {
namespace {

using namespace std::chrono_literals;
using simulation::Dice;

/// Several commands at once; what comes out of place, the session accuses.
awaitable<void> look(Life& life, ImapSession& session, Dice& dice) {
  for (std::uint64_t count = 1 + dice.below(4); count > 0; --count) {
    const bool empty = session.view().empty();
    switch (dice.below(empty ? 2 : 5)) {
      case 0:
        session.add("NOOP");
        break;
      case 1:
        session.add("STATUS Archive (MESSAGES UIDNEXT UIDVALIDITY)");
        break;
      case 2:
        session.add("SEARCH ALL");
        break;
      case 3:
        session.add("UID FETCH 1:* FLAGS");
        break;
      default:
        session.add("FETCH 1:* (UID FLAGS)");
    }
  }
  co_await session.exchange();
  co_await life.pause(std::chrono::milliseconds(dice.below(8'000)));
}

awaitable<void> idle(ImapSession& session, Dice& dice) {
  session.add("IDLE");
  co_await session.send();
  const ImapReply reply = co_await session.hear();
  if (reply.tag != "+") co_return;
  for (std::uint64_t news = dice.below(5); news > 0; --news) {
    const bool spoken = co_await session.speaks_within(30s);
    if (!spoken) break;
    const ImapReply heard = co_await session.hear();
  }
  co_await session.send_octets("DONE\r\n");
  co_await session.exchange();
}

}  // namespace

awaitable<void> watch(Life& life, Dice dice, std::size_t member) {
  const auto& who = Foundation::instance().members()[member];
  for (unsigned sessions = 0; life.goes_on() && (!life.is_last() || sessions != 1); ++sessions) {
    co_await life.pause(std::chrono::milliseconds(dice.below(60'000)));
    try {
      auto stream = co_await life.dial("192.0.2." + std::to_string(90 + member), 993);
      ImapSession session(std::move(stream), life.witness(), "watcher-" + who.name);
      const bool welcome = co_await session.begin(who.name, who.password);
      if (!welcome) continue;
      session.add("SELECT " + std::string(dice.coin() ? "INBOX" : "Archive"));
      co_await session.exchange();
      if (!session.heard.back().is_ok()) continue;
      for (std::uint64_t turns = dice.below(12); turns > 0 && life.goes_on(); --turns) {
        if (dice.below(3) == 0) {
          co_await idle(session, dice);
        } else {
          co_await look(life, session, dice);
        }
      }
    } catch (const std::system_error& failure) {
      life.witness().note("watcher {} is cut off: {}", member, failure.code().message());
    }
  }
}

}  // namespace mailpod::world
