#include <mailpod/net/bell.hpp>

#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>

namespace mailpod::net {

struct Bell::State {
  State(boost::asio::any_io_executor its_loop, std::function<void()> its_call)
      : loop(std::move(its_loop)), rung(std::move(its_call)) {}

  boost::asio::any_io_executor loop;
  std::function<void()> rung;  // only on the loop; empty once the bell is gone
  std::atomic<bool> ringing{false};
};

Bell::Bell(boost::asio::any_io_executor loop, std::function<void()> rung)
    : state_(std::make_shared<State>(std::move(loop), std::move(rung))) {}

Bell::~Bell() {
  state_->rung = nullptr;
}

std::function<void()> Bell::rope() const {
  return [state = state_] {
    if (state->ringing.exchange(true)) return;
    boost::asio::post(state->loop, [state] {
      state->ringing = false;
      if (state->rung) state->rung();
    });
  };
}

}  // namespace mailpod::net
