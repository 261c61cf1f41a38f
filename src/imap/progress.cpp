#include "progress.hpp"

#include <algorithm>

#include "response.hpp"
#include "session.hpp"

namespace mailpod::imap {
namespace {

/// RFC 9585 §3: often enough that nobody gives up, seldom enough to cost nothing.
constexpr std::chrono::seconds between{10};

}  // namespace

Progress::Progress(Session& session, std::uint64_t goal)
    : session_(session), goal_(goal), told_(session.ports().clock.monotonic()) {}

boost::asio::awaitable<void> Progress::tell(std::uint64_t done) {
  const auto now = session_.ports().clock.monotonic();
  if (goal_ == 0 || now - told_ < between) co_return;
  told_ = now;
  auto& out = session_.out();
  auto& text = out.text();
  text += "* OK [INPROGRESS (";
  write_string(text, session_.tag());
  text += ' ';
  write_number(text, std::min(passed_ + done, goal_));
  text += ' ';
  write_number(text, goal_);
  text += ")] Still at it\r\n";
  co_await out.flush();
}

}  // namespace mailpod::imap
