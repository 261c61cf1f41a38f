#include <cstdint>
#include <deque>
#include <mutex>

#include <mailpod/net/pool.hpp>

#include "resumption.hpp"

namespace mailpod::net {

namespace {

struct Visitor {
  Work work;
  Resumption waiting;
};

}  // namespace

struct Turnstile::State : std::enable_shared_from_this<Turnstile::State> {
  State(Pool& pool_, std::size_t places_, std::size_t max_waiting_)
      : pool(pool_), places(places_), max_waiting(max_waiting_) {}

  /// Starts the visitor, queues it, or turns it away.
  void arrive(Visitor visitor) {
    std::unique_lock lock(mutex);
    if (inside < places) {
      ++inside;
      lock.unlock();
      admit(std::move(visitor));
    } else if (queue.size() < max_waiting) {
      queue.push_back(std::move(visitor));
    } else {
      lock.unlock();
      visitor.waiting.resume(false);
    }
  }

  /// One has finished; the next takes its place.
  void leave() {
    std::unique_lock lock(mutex);
    if (queue.empty()) {
      --inside;
      return;
    }
    Visitor next = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    admit(std::move(next));
  }

  /// To the pool, whose inline kind runs the visitor before this returns: hence never under the lock.
  void admit(Visitor visitor);

  Pool& pool;
  const std::size_t places;
  const std::size_t max_waiting;
  std::mutex mutex;
  std::size_t inside = 0;
  std::deque<Visitor> queue;
};

namespace {

/// A visitor inside; deletes itself when done. Keeps the turnstile's state, so the Lane itself may be gone by then.
template <class State>
struct Visit {
  std::shared_ptr<State> turnstile;
  Visitor visitor;

  static void run(void* object) noexcept {
    const std::unique_ptr<Visit> self(static_cast<Visit*>(object));
    self->visitor.work.perform(self->visitor.work.object);
    // First the answer, then the next one: so coroutines of one loop continue in the order of their work.
    self->visitor.waiting.resume(true);
    self->turnstile->leave();
  }
};

}  // namespace

void Turnstile::State::admit(Visitor visitor) {
  auto visit = std::make_unique<Visit<State>>(shared_from_this(), std::move(visitor));
  pool.post({&Visit<State>::run, visit.release()});
}

Turnstile::Turnstile(Pool& pool, std::size_t places, std::size_t max_waiting)
    : state_(std::make_shared<State>(pool, places, max_waiting)) {}

Turnstile::~Turnstile() = default;

awaitable<bool> Turnstile::perform(Work work) {
  auto start = [state = state_.get(), work](Resumption waiting) { state->arrive({work, std::move(waiting)}); };
  co_return co_await suspended(std::move(start));
}

Lane::Lane(Pool& pool) : turnstile_(pool, 1, SIZE_MAX) {}

Gate::Gate(Pool& pool, std::size_t at_once, std::size_t max_waiting) : turnstile_(pool, at_once, max_waiting) {}

}  // namespace mailpod::net
