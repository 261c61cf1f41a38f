#include "progress.hpp"

#include <algorithm>

#include "response.hpp"
#include "session.hpp"

namespace mailpod::imap {
namespace {

void begin_progress(Session& session) {
  auto& text = session.out().text();
  text += "* OK [INPROGRESS (";
  write_string(text, session.tag());
}

boost::asio::awaitable<void> end_progress(Session& session) {
  auto& out = session.out();
  out.text() += ")] Still at it\r\n";
  co_await out.flush();
}

}  // namespace

Progress::Progress(Session& session, std::uint64_t goal)
    : session_(session), goal_(goal), told_(session.ports().clock.monotonic()) {}

boost::asio::awaitable<void> Progress::tell(std::uint64_t done) {
  done_ = done;
  const auto now = session_.ports().clock.monotonic();
  if (goal_ == 0 || now - told_ < between) co_return;
  told_ = now;
  co_await say();
}

boost::asio::awaitable<void> Progress::tell_again() {
  told_ = session_.ports().clock.monotonic();
  co_await say();
}

boost::asio::awaitable<void> Progress::say() {
  begin_progress(session_);
  auto& text = session_.out().text();
  text += ' ';
  write_number(text, std::min(passed_ + done_, goal_));
  text += ' ';
  if (goal_ == 0) {
    text += "NIL";
  } else {
    write_number(text, goal_);
  }
  co_await end_progress(session_);
}

boost::asio::awaitable<void> tell_of_waiting(Session& session) {
  begin_progress(session);
  session.out().text() += " NIL NIL";
  co_await end_progress(session);
}

}  // namespace mailpod::imap
