#include "deadlines.hpp"

#include <utility>

namespace mailpod::net {

Deadlines::Deadlines(const boost::asio::any_io_executor& loop, std::function<void()> expired)
    : timer_(loop), expired_(std::move(expired)), self_(std::make_shared<Deadlines*>(this)) {}

Deadlines::~Deadlines() {
  *self_ = nullptr;
}

void Deadlines::set(Side side, Time deadline) {
  deadlines_[static_cast<std::size_t>(side)] = deadline;
  if (const Time next = earliest(); next < armed_for_) arm(next);
}

void Deadlines::stop() {
  deadlines_ = {never, never};
  armed_for_ = never;
  timer_.cancel();
}

void Deadlines::arm(Time at) {
  armed_for_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = self_](const boost::system::error_code& error) {
    if (!error && *self != nullptr) (*self)->look();
  });
}

void Deadlines::look() {
  armed_for_ = never;
  const Time now = std::chrono::steady_clock::now();
  const Time next = earliest();
  if (next <= now) {
    // Whoever waits on that side finds it passed and clears it; the other side's deadline still needs the timer.
    const Time other = std::max(deadlines_[0], deadlines_[1]);
    if (other != never && other > now) arm(other);
    expired_();
  } else if (next != never) {
    arm(next);
  }
}

}  // namespace mailpod::net
