#include "live_vaults.hpp"

#include <future>
#include <memory>

namespace mailpod::daemon {
namespace {

using net::awaitable;

template <class T>
awaitable<void> fulfil(std::shared_ptr<std::promise<T>> promise, std::function<awaitable<T>()> conversation) {
  try {
    auto question = conversation();
    T value = co_await std::move(question);
    promise->set_value(std::move(value));
  } catch (...) {
    promise->set_exception(std::current_exception());
  }
}

/// What the conversation answers on a loop, for a thread that waits for it.
template <class T>
T answer_on(net::Loops& loops, const std::function<awaitable<T>()>& conversation) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto answer = promise->get_future();
  loops.spawn(loops.next(), "vault command", [promise, conversation] { return fulfil<T>(promise, conversation); });
  return answer.get();
}

struct Done {};

awaitable<Done> change_in(std::shared_ptr<store::OpenVault> room, const std::function<void()>& changing) {
  auto once = [&changing] { changing(); };
  co_await room->lane().run(once);
  co_return Done{};
}

awaitable<Done> work_alone(store::Vaults& vaults, MemberId member, const std::function<void()>& work) {
  co_await vaults.alone(member, work);
  co_return Done{};
}

}  // namespace

Status LiveVaults::visit(const sasl::Login& login, const std::function<void(const Room&)>& work) {
  using Opened = Result<std::shared_ptr<store::OpenVault>>;
  const auto opened = answer_on<Opened>(loops_, [this, login] { return vaults_.open(login); });
  if (!opened) return opened.error();
  const auto& room = *opened;
  const auto change = [this, room](const std::function<void()>& changing) {
    answer_on<Done>(loops_, [room, &changing] { return change_in(room, changing); });
  };
  work({room->vault(), change});
  return {};
}

void LiveVaults::alone(MemberId member, const std::function<void()>& work) {
  answer_on<Done>(loops_, [this, member, &work] { return work_alone(vaults_, member, work); });
}

store::Usage LiveVaults::usage(MemberId member) {
  return answer_on<store::Usage>(loops_, [this, member] { return vaults_.usage(member); });
}

}  // namespace mailpod::daemon
