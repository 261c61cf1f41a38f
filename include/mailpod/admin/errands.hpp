#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>

namespace mailpod::admin {

/// Work that takes longer than a request may, each on a thread of its own: one request begins it, others ask how far it
/// is, so that the desk serves everybody meanwhile. What nobody asks for any more ends. Any thread.
class Errands {
public:
  /// Thrown by Pace::step where the work is to end.
  struct Stopped : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  /// How far a piece of work is. The work's own thread tells it.
  class Pace {
  public:
    virtual ~Pace() = default;
    /// Between slices. Throws Stopped once nobody waits for the answer, or the pod stops.
    virtual void step(std::uint64_t done, std::uint64_t of) = 0;
    /// What is asked of the work next, by ask(); waits for it. Throws Stopped as step() does.
    virtual nlohmann::json question() = 0;
    /// Answers it.
    virtual void answer(nlohmann::json answer) = 0;
  };
  /// Answers what Desk::serve does: `{"answer": …}` or `{"complaint": …}`.
  using Work = std::function<nlohmann::json(Pace& pace)>;

  explicit Errands(base::Clock& clock) : clock_(clock) {}
  ~Errands();
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;
  /// Ends what is under way, at its next step, and begins nothing any more.
  void stop();

  /// Its name; nothing if as many are under way as may be, in all or for this member.
  std::optional<std::string> begin(base::Entropy& entropy, MemberId member, Work work);

  struct Look {
    std::uint64_t done = 0;
    std::uint64_t of = 0;
    std::unique_ptr<nlohmann::json> reply;  ///< once it has ended; given once
  };
  /// Waits a little for the end. Nothing if there is no such errand, or its reply was given already.
  std::optional<Look> look(const std::string& name);

  struct Word {
    std::unique_ptr<nlohmann::json> answer;  ///< once it is given; given once
    std::unique_ptr<nlohmann::json> reply;   ///< the errand has ended; given once
  };
  /// Asks work that answers questions, one at a time, and waits a little for the answer; nullptr waits on for the one
  /// to the question before. Nothing if there is no such errand. A question beside another is dropped unanswered, a
  /// fault of whoever asks: std::logic_error.
  std::optional<Word> ask(const std::string& name, std::unique_ptr<nlohmann::json> question);

private:
  struct Errand;
  std::shared_ptr<Errand> find(const std::string& name);
  void bury(const std::string& name, Errand& errand);
  void forget_the_lonely();
  base::Clock& clock_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::map<std::string, std::shared_ptr<Errand>> errands_;
};

}  // namespace mailpod::admin
