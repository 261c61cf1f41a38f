#include <mailpod/net/dismissal.hpp>

#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <mailpod/net/alarm.hpp>

namespace mailpod::net {

struct Dismissal::State {
  State(Stream& its_stream, std::chrono::milliseconds its_grace) : stream(&its_stream), grace(its_grace) {}

  static awaitable<void> disconnect_after_grace(std::shared_ptr<State> state) {
    co_await state->alarm->wait(state->grace);
    if (state->stream != nullptr) state->stream->abort();
  }

  Stream* stream;  // nullptr once the dismissal is gone
  std::chrono::milliseconds grace;
  std::unique_ptr<Alarm> alarm;  // once begun; an idle connection should cost nothing
};

Dismissal::Dismissal(Stream& stream, std::chrono::milliseconds grace)
    : state_(std::make_shared<State>(stream, grace)) {}

Dismissal::~Dismissal() {
  state_->stream = nullptr;
  if (state_->alarm) state_->alarm->cancel();
}

void Dismissal::begin() {
  if (begun()) return;
  state_->alarm = state_->stream->make_alarm();
  boost::asio::co_spawn(state_->stream->executor(), State::disconnect_after_grace(state_), boost::asio::detached);
  state_->stream->end_input();
}

bool Dismissal::begun() const {
  return state_->alarm != nullptr;
}

}  // namespace mailpod::net
