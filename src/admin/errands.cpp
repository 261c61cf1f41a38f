#include <mailpod/admin/errands.hpp>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "reply.hpp"

namespace mailpod::admin {
namespace {

constexpr std::size_t most_at_once = 16;
/// So that no member keeps all others waiting; some may be of commands that were killed and begun again.
constexpr std::size_t most_of_one = 4;
/// Nobody asks how far it is: whoever began it has gone.
constexpr std::chrono::seconds patience{30};
/// Of work that waits for a question: whoever asks shows every five seconds that they are there.
constexpr std::chrono::seconds patience_for_a_question{20};
/// How long a request waits for the end.
constexpr std::chrono::milliseconds a_little{100};

}  // namespace

struct Errands::Errand final : Errands::Pace {
  Errand(base::Clock& its_clock, MemberId whose) : clock(its_clock), member(whose), looked_at(its_clock.monotonic()) {}

  void step(std::uint64_t new_done, std::uint64_t new_of) override {
    const std::lock_guard lock(mutex);
    done = new_done;
    of = new_of;
    stop_if_told();
  }

  nlohmann::json question() override {
    std::unique_lock lock(mutex);
    while (!asked) {
      stop_if_told(patience_for_a_question);
      told.wait_for(lock, a_little);  // and look whether anybody is there
    }
    const auto taken = std::move(asked);
    return std::move(*taken);
  }

  void answer(nlohmann::json given) override {
    const std::lock_guard lock(mutex);
    said = std::make_unique<nlohmann::json>(std::move(given));
    ended.notify_all();
  }

  void stop_if_told(std::chrono::seconds silence = patience) const {
    if (stopped) throw Stopped("it was told to stop");
    if (clock.monotonic() - looked_at > silence) throw Stopped("nobody waits for it any more");
  }

  void run(const Work& work) {
    nlohmann::json given;
    try {
      given = work(*this);
    } catch (const Stopped& why) {
      given = refusal(why.what(), "begin it again");
    } catch (const std::system_error& failure) {
      given = refusal(failure.what(), "mend what the machine reports (space, permissions), then try again");
    } catch (const std::exception& failure) {
      given = refusal(failure.what(), "`mailpod check` may say more");
    }
    const std::lock_guard lock(mutex);
    reply = std::make_unique<nlohmann::json>(std::move(given));
    ended.notify_all();
  }

  base::Clock& clock;
  const MemberId member;
  std::mutex mutex;
  std::condition_variable ended;  ///< or a question was answered
  std::condition_variable told;   ///< a question came
  std::uint64_t done = 0;
  std::uint64_t of = 0;
  bool stopped = false;
  std::chrono::microseconds looked_at;
  std::unique_ptr<nlohmann::json> reply;
  std::unique_ptr<nlohmann::json> asked;
  std::unique_ptr<nlohmann::json> said;
  bool owes_answer = false;
  std::thread thread;
};

Errands::~Errands() {
  stop();
}

void Errands::stop() {
  std::map<std::string, std::shared_ptr<Errand>> all;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    all.swap(errands_);
  }
  for (const auto& [name, errand] : all) {
    const std::lock_guard lock(errand->mutex);
    errand->stopped = true;
    errand->told.notify_all();
  }
  for (const auto& [name, errand] : all) errand->thread.join();
}

/// Those whose reply nobody fetched.
void Errands::forget_the_lonely() {
  std::erase_if(errands_, [&](const auto& each) {
    auto& errand = *each.second;
    {
      const std::lock_guard lock(errand.mutex);
      if (!errand.reply || clock_.monotonic() - errand.looked_at <= patience) return false;
    }
    errand.thread.join();
    return true;
  });
}

std::optional<std::string> Errands::begin(base::Entropy& entropy, MemberId member, Work work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return std::nullopt;
  forget_the_lonely();
  const auto of_them = std::ranges::count_if(errands_, [&](const auto& each) { return each.second->member == member; });
  if (errands_.size() >= most_at_once || static_cast<std::size_t>(of_them) >= most_of_one) return std::nullopt;
  std::string name = base::hex(base::octets(entropy.bytes<16>()));
  auto errand = std::make_shared<Errand>(clock_, member);
  errand->thread = std::thread([errand, work = std::move(work)] { errand->run(work); });
  errands_.emplace(name, std::move(errand));
  return name;
}

std::shared_ptr<Errands::Errand> Errands::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = errands_.find(name);
  return found == errands_.end() ? nullptr : found->second;
}

/// Once its reply was taken.
void Errands::bury(const std::string& name, Errand& errand) {
  const std::lock_guard lock(mutex_);
  // The pod may have begun to stop, and joins it then.
  if (errands_.erase(name) > 0) errand.thread.join();
}

std::optional<Errands::Look> Errands::look(const std::string& name) {
  const auto errand = find(name);
  if (!errand) return std::nullopt;
  Look look;
  {
    std::unique_lock lock(errand->mutex);
    errand->looked_at = clock_.monotonic();
    errand->ended.wait_for(lock, a_little, [&] { return errand->reply != nullptr; });
    look.done = errand->done;
    look.of = errand->of;
    if (!errand->reply) return look;
    look.reply = std::move(errand->reply);
  }
  bury(name, *errand);
  return look;
}

std::optional<Errands::Word> Errands::ask(const std::string& name, std::unique_ptr<nlohmann::json> question) {
  const auto errand = find(name);
  if (!errand) return std::nullopt;
  Word word;
  {
    std::unique_lock lock(errand->mutex);
    errand->looked_at = clock_.monotonic();
    if (question && errand->owes_answer) throw std::logic_error("a question is under way");
    if (question) {
      errand->asked = std::move(question);
      errand->owes_answer = true;
      errand->told.notify_all();
    }
    errand->ended.wait_for(lock, a_little, [&] { return errand->said || errand->reply; });
    if (errand->said) errand->owes_answer = false;
    word.answer = std::move(errand->said);
    if (word.answer || !errand->reply) return word;
    word.reply = std::move(errand->reply);
  }
  bury(name, *errand);
  return word;
}

}  // namespace mailpod::admin
