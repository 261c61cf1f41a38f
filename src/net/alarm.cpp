#include <mailpod/net/alarm.hpp>

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::net {

namespace {

class TimerAlarm final : public Alarm {
public:
  explicit TimerAlarm(const boost::asio::any_io_executor& loop) : timer_(loop) {}

  awaitable<End> wait(std::chrono::milliseconds duration) override {
    if (!cancelled_) {
      timer_.expires_after(duration);
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return std::exchange(cancelled_, false) ? End::cancelled : End::elapsed;
  }

  void cancel() override {
    cancelled_ = true;
    timer_.cancel();
  }

private:
  boost::asio::steady_timer timer_;
  bool cancelled_ = false;
};

class SystemAlarms final : public Alarms {
public:
  std::unique_ptr<Alarm> make(const boost::asio::any_io_executor& loop) override { return make_alarm(loop); }
};

}  // namespace

std::unique_ptr<Alarm> make_alarm(const boost::asio::any_io_executor& loop) {
  return std::make_unique<TimerAlarm>(loop);
}

Alarms& system_alarms() {
  static SystemAlarms alarms;
  return alarms;
}

}  // namespace mailpod::net
