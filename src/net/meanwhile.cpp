#include <mailpod/net/meanwhile.hpp>

#include <system_error>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace mailpod::net {

struct Meanwhile::State {
  State(Stream& its_stream, std::chrono::milliseconds its_every, Act its_act)
      : stream(its_stream), every(its_every), act(std::move(its_act)), alarm(stream.make_alarm()) {}

  static awaitable<void> run(std::shared_ptr<State> state) {
    bool goes_on = true;
    while (goes_on) {
      co_await state->alarm->wait(state->every);
      if (state->over) co_return;
      state->acting = true;
      goes_on = co_await acted(*state);
      state->acting = false;
      if (state->act_over) state->act_over->cancel();
    }
  }

  static awaitable<bool> acted(State& state) {
    try {
      co_await state.act();
    } catch (const std::system_error&) {
      co_return false;
    }
    co_return true;
  }

  Stream& stream;  // only until end()
  const std::chrono::milliseconds every;
  Act act;
  std::unique_ptr<Alarm> alarm;
  std::unique_ptr<Alarm> act_over;  // ends the wait for the present act
  bool acting = false;
  bool over = false;
};

Meanwhile::Meanwhile(Stream& stream, std::chrono::milliseconds every, Act act)
    : state_(std::make_shared<State>(stream, every, std::move(act))) {
  boost::asio::co_spawn(stream.executor(), State::run(state_), boost::asio::detached);
}

Meanwhile::~Meanwhile() {
  state_->over = true;
  state_->alarm->cancel();
}

awaitable<void> Meanwhile::end() {
  state_->over = true;
  state_->alarm->cancel();
  if (!state_->acting) co_return;
  constexpr std::chrono::hours longer_than_any_write{24};
  state_->act_over = state_->stream.make_alarm();
  co_await state_->act_over->wait(longer_than_any_write);
}

}  // namespace mailpod::net
