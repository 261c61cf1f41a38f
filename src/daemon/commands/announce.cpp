#include "../act_desk.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {

int announce(const ActOptions& options) {
  ActDesk desk(options);
  if (const auto ready = desk.open(); !ready.has_value()) return complain(ready.error());
  const auto words = desk.words();
  if (!words.has_value()) return complain(words.error());
  auto act = desk.act(governance::Act::Kind::announce);
  act.expires = act.issued + std::chrono::days(7);  // it goes from one maintainer to the other
  return desk.finish(act, *words);
}

}  // namespace mailpod::daemon
