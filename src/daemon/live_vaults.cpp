#include "live_vaults.hpp"

#include <future>
#include <memory>

namespace mailpod::daemon {
namespace {

using net::awaitable;

/// What the conversation answers on a loop, for a thread that waits for it.
template <class T>
T answer_on(net::Loops& loops, std::function<awaitable<T>()> conversation) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto answer = promise->get_future();
  loops.spawn(loops.next(), "vault command", [promise, conversation]() -> awaitable<void> {
    try {
      auto question = conversation();
      T value = co_await std::move(question);
      promise->set_value(std::move(value));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  });
  return answer.get();
}

struct Done {};

}  // namespace

Status LiveVaults::visit(const sasl::Login& login, const std::function<void(const Room&)>& work) {
  using Opened = Result<std::shared_ptr<store::OpenVault>>;
  const auto opened = answer_on<Opened>(loops_, [this, login] { return vaults_.open(login); });
  if (!opened) return opened.error();
  const auto room = *opened;
  const auto change = [this, room](const std::function<void()>& changing) {
    answer_on<Done>(loops_, [room, &changing]() -> awaitable<Done> {
      auto once = [&changing] { changing(); };
      co_await room->lane().run(once);
      co_return Done{};
    });
  };
  work({room->vault(), change});
  return {};
}

void LiveVaults::alone(MemberId member, const std::function<void()>& work) {
  answer_on<Done>(loops_, [this, member, &work]() -> awaitable<Done> {
    co_await vaults_.alone(member, work);
    co_return Done{};
  });
}

store::Usage LiveVaults::usage(MemberId member) {
  return answer_on<store::Usage>(loops_, [this, member] { return vaults_.usage(member); });
}

}  // namespace mailpod::daemon
