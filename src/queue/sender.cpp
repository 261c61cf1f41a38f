#include <mailpod/queue/sender.hpp>

#include <boost/asio/post.hpp>

#include "sender_state.hpp"

namespace mailpod::queue {

using boost::asio::awaitable;

Sender::Sender(boost::asio::any_io_executor loop, const Ports& ports, Settings settings)
    : state_(std::make_shared<State>(std::move(loop), ports, std::move(settings))) {}

Sender::~Sender() = default;

awaitable<void> Sender::run() {
  // The coroutine keeps it, not the Sender.
  const std::shared_ptr<State> state = state_;
  co_await state->run();
}

void Sender::stop() {
  boost::asio::post(state_->loop, [state = state_] { state->stop(); });
}

void Sender::abort() {
  boost::asio::post(state_->loop, [state = state_] { state->abort(); });
}

void Sender::look_at(const EntryId& id) {
  boost::asio::post(state_->loop, [state = state_, id] { state->look_at(id); });
}

Sender::Figures Sender::figures() const {
  const std::lock_guard lock(state_->figures_mutex);
  return state_->figures;
}

}  // namespace mailpod::queue
