#include "simulation/time.hpp"

#include <map>
#include <stdexcept>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::simulation {

namespace {

constexpr std::size_t max_steps = 50'000'000;  // handlers without time passing: something turns in a circle
constexpr auto longest = std::chrono::hours(24 * 365);

}  // namespace

/// Who waits for which moment; those of one moment in the order in which they began.
struct Time::State {
  using Key = std::pair<Moment, std::uint64_t>;
  struct Waiting {
    boost::asio::steady_timer& timer;
    bool& reached;
  };

  explicit State(Clock& c) : clock(c) {}

  Clock& clock;
  std::map<Key, Waiting> waiting;
  std::uint64_t begun = 0;
};

namespace {

/// One entry among those who wait, for as long as the waiting coroutine has it.
class Place {
public:
  Place(Time::State& time, Time::Moment moment, boost::asio::steady_timer& timer)
      : time_(time), key_(moment, time.begun++) {
    time_.waiting.emplace(key_, Time::State::Waiting{timer, reached_});
  }
  ~Place() { time_.waiting.erase(key_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool reached() const { return reached_; }

private:
  Time::State& time_;
  Time::State::Key key_;
  bool reached_ = false;
};

class SimulatedAlarm final : public net::Alarm {
public:
  SimulatedAlarm(boost::asio::any_io_executor loop, Time* time) : timer_(std::move(loop), time) {}

  net::awaitable<End> wait(std::chrono::milliseconds duration) override {
    if (!cancelled_) co_await timer_.reached(timer_.now() + duration);
    co_return std::exchange(cancelled_, false) ? End::cancelled : End::elapsed;
  }
  void cancel() override {
    cancelled_ = true;
    timer_.cancel();
  }

private:
  Timer timer_;
  bool cancelled_ = false;
};

}  // namespace

// ---- one wait

Timer::Timer(boost::asio::any_io_executor loop, Time* time)
    : time_(time != nullptr ? time->state_ : nullptr), timer_(std::move(loop)) {}

Timer::~Timer() = default;

Time::Moment Timer::now() const {
  if (time_) return time_->clock.monotonic();
  return std::chrono::duration_cast<Time::Moment>(std::chrono::steady_clock::now().time_since_epoch());
}

boost::asio::awaitable<bool> Timer::reached(Time::Moment moment) {
  if (!time_) {
    timer_.expires_at(std::chrono::steady_clock::time_point(moment));
    const auto [error] = co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return !error;
  }
  const auto time = time_;
  Place place(*time, moment, timer_);
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
  co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return place.reached();
}

// ---- all of them

Time::Time(boost::asio::io_context& loop, Clock& clock)
    : loop_(loop), clock_(clock), state_(std::make_shared<State>(clock)) {}

Time::~Time() = default;

std::unique_ptr<net::Alarm> Time::alarm() {
  return std::make_unique<SimulatedAlarm>(loop_.get_executor(), this);
}

/// Everything that can happen now happens.
void Time::settle() {
  loop_.restart();
  for (std::size_t steps = 0; loop_.poll_one() > 0; ++steps) {
    if (steps == max_steps) throw std::logic_error("the loop never comes to rest, and no time passes");
  }
}

/// The next moment for which somebody waits comes, unless it lies behind `last`.
bool Time::step(Moment last) {
  auto& waiting = state_->waiting;
  if (waiting.empty() || waiting.begin()->first.first > last) return false;
  const Moment next = waiting.begin()->first.first;
  if (const Moment now = clock_.monotonic(); next > now) clock_.advance(next - now);
  while (!waiting.empty() && waiting.begin()->first.first <= next) {
    const auto [timer, reached] = waiting.extract(waiting.begin()).mapped();
    reached = true;
    timer.cancel();
  }
  return true;
}

bool Time::run_until(const std::function<bool()>& happened, Duration limit) {
  const Moment last = clock_.monotonic() + limit;
  while (true) {
    settle();
    if (happened()) return true;
    if (step(last)) continue;
    if (const Moment now = clock_.monotonic(); now < last) clock_.advance(last - now);
    return false;
  }
}

void Time::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

void Time::run_until_idle_for(Duration quiet) {
  const Moment last = clock_.monotonic() + longest;
  do {
    settle();
    if (clock_.monotonic() > last) throw std::logic_error("something goes on and on");
  } while (step(clock_.monotonic() + quiet));
}

}  // namespace mailpod::simulation
