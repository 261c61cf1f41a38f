#include "world.hpp"

#include "audit.hpp"
#include "life.hpp"

namespace mailpod::world {
namespace {

using namespace std::chrono_literals;
using End = Plan::End;
using simulation::Dice;

Plan plan_of(Dice& dice) {
  Plan plan;
  const auto end = dice.below(5);
  plan.end = end == 0 ? End::stop : end < 3 ? End::kill : End::power_loss;
  plan.length = std::chrono::seconds(30 + dice.below(200));
  // Early calls are the ones of a pod that begins and recovers.
  if (plan.end != End::stop && dice.below(3) != 0) plan.last_call = 1 + dice.below(20ULL << dice.below(7));
  if (dice.below(4) == 0) plan.disk_faults = 1 + static_cast<unsigned>(dice.below(3));
  plan.fills_disk = dice.below(3) == 0;
  return plan;
}

std::string_view name_of(End end) {
  switch (end) {
    case End::none:
      return "the end";
    case End::stop:
      return "a stop";
    case End::kill:
      return "a kill";
    case End::power_loss:
      return "a loss of power";
  }
  return {};
}

class World {
public:
  explicit World(std::uint64_t seed) : dice_(seed), entropy_(dice_.roll()) {
    disk_ = Foundation::instance().disk(dice_.roll());
    witness_.on_log = [this](std::string_view line) { ledger_.hear(line); };
  }

  Outcome run() {
    for (std::uint64_t lives = 1 + dice_.below(3); lives > 0 && witness_.is_content(); --lives) live(plan_of(dice_));
    if (witness_.is_content()) live({});
    if (witness_.is_content()) audit_the_outcome(ledger_, witness_);
    return {witness_.what_is_wrong(), witness_.trace()};
  }

private:
  void live(Plan plan) {
    witness_.note("a life begins, until {}", name_of(plan.end));
    ledger_.note_start();
    try {
      Life life({*disk_, clock_, entropy_, witness_, ledger_}, dice_.roll());
      life.run(plan);
      // Whatever a dying process does as it goes must not reach the disk.
      const bool crashes = plan.end == End::kill || plan.end == End::power_loss;
      if (crashes && disk_->has_power()) disk_->crash_at_call(0);
    } catch (const std::exception& failure) {
      witness_.accuse(std::string("thrown: ") + failure.what());
    }
    if (witness_.is_content()) end(plan.end);
  }

  void end(End how) {
    auto when = Holdings::When::after_stop;
    disk_->heal();
    if (how == End::power_loss) disk_ = disk_->crash(dice_.roll());
    if (how == End::kill) disk_->revive();
    if (how == End::kill || how == End::power_loss) {
      when = Holdings::When::after_crash;
      ledger_.note_crash();
    } else {
      ledger_.note_stop();
    }
    witness_.note("it ended in {}", name_of(how));
    if (ledger_.closed_uncleanly) when = Holdings::When::after_crash;
    ledger_.closed_uncleanly = false;
    const auto copy = disk_->clean_copy();
    audit(*copy, ledger_, clock_, witness_, when);
    clock_.advance(std::chrono::seconds(1 + dice_.below(100)));
  }

  Dice dice_;
  simulation::Clock clock_;
  simulation::Entropy entropy_;
  Witness witness_{clock_};
  Ledger ledger_{witness_, clock_};
  std::unique_ptr<simulation::Disk> disk_;
};

}  // namespace

Outcome run_world(std::uint64_t seed) {
  return World(seed).run();
}

}  // namespace mailpod::world
