#include <condition_variable>

#include "server.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::chrono::milliseconds patience{1000};

/// Work whose end somebody waits for only so long; what comes late finds it still there.
class Errand {
public:
  explicit Errand(std::function<std::string()> work) : state_(std::make_shared<State>(std::move(work))) {}

  /// What is wrong, empty if nothing; "does not answer" if that is not known in time.
  std::string run_on(net::Pool& pool) {
    auto work = std::make_unique<std::shared_ptr<State>>(state_);
    pool.post({&Errand::perform, work.release()});
    std::unique_lock lock(state_->mutex);
    state_->done.wait_for(lock, patience, [this] { return state_->finding.has_value(); });
    return state_->finding.value_or("does not answer");
  }

private:
  struct State {
    explicit State(std::function<std::string()> its_work) : work(std::move(its_work)) {}
    const std::function<std::string()> work;
    std::mutex mutex;
    std::condition_variable done;
    std::optional<std::string> finding;
  };

  static void perform(void* object) noexcept {
    const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(object));
    std::string finding = (*state)->work();
    const std::lock_guard lock((*state)->mutex);
    (*state)->finding = std::move(finding);
    (*state)->done.notify_one();
  }

  std::shared_ptr<State> state_;
};

/// Whether octets written in `folder` become durable. The file has no name and leaves nothing behind.
std::string write_durably(base::Disk& disk, const std::string& folder) noexcept {
  try {
    const auto file = disk.open(folder, base::Disk::Open::unnamed);
    file->write_at(0, "mailpod health");
    file->sync();
    return {};
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

}  // namespace

bool Server::loops_answer(std::chrono::microseconds limit) {
  const auto silent = loops_.silent(std::chrono::ceil<std::chrono::milliseconds>(limit));
  if (silent > 0) pod_.machine().log.error("loops silent={} of={}", silent, loops_.count());
  return silent == 0;
}

std::string Server::summary() const {
  return fmt::format("{} connections, {} queued", connections(), pod_.queue().size());
}

std::vector<admin::Daemon::Finding> Server::health() {
  const auto on_pool = [this](std::function<std::string()> work) { return Errand(std::move(work)).run_on(*pool_); };
  const auto writable = [&](const std::string& folder) {
    return on_pool([&disk = pod_.machine().disk, folder] { return write_durably(disk, folder); });
  };
  const auto silent = loops_.silent(patience);
  return {
      {"loops", silent == 0 ? "" : fmt::format("{} of {} do not answer", silent, loops_.count())},
      {"pool", on_pool([] { return std::string(); })},
      {"disk", writable(pod_.folder().path)},
      {"queue", writable(pod_.folder().queue())},
      {"members", writable(pod_.folder().members())},
  };
}

}  // namespace mailpod::daemon
