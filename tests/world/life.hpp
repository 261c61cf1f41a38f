#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "ledger.hpp"
#include "running_pod.hpp"
#include "simulation/dice.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::world {

/// A loop whose coroutines can be made to vanish, as a process does, while all that they refer to still exists.
class MortalLoop : public boost::asio::io_context {
public:
  void forget_everything() { shutdown(); }
};

/// What a life is about, by dice.
struct Plan {
  enum class End {
    none,  ///< the last: calm weather, until nothing is left to do
    stop,
    kill,
    power_loss,
  };
  End end = End::none;
  std::chrono::microseconds length{0};  ///< at most
  std::uint64_t last_call = 0;          ///< of the disk, if it ends there; 0: at `length`
  unsigned disk_faults = 0;             ///< single calls that fail
  bool fills_disk = false;              ///< for a while, now and then
};

/// The time between two starts of the pod: the pod, everybody who talks with it, and the network in between, on one
/// loop. Actors are coroutines that end with it.
class Life {
public:
  struct Ports {
    simulation::Disk& disk;
    simulation::Clock& clock;
    simulation::Entropy& entropy;
    Witness& witness;
    Ledger& ledger;
  };
  Life(const Ports& ports, std::uint64_t seed);
  ~Life();

  void run(const Plan& plan);

  // For actors.
  net::awaitable<void> pause(std::chrono::microseconds duration);
  /// A connection from `address`; throws std::system_error.
  net::awaitable<std::unique_ptr<net::Stream>> dial(std::string address, std::uint16_t port);
  bool goes_on() const { return goes_on_; }
  bool is_last() const { return last_; }
  Moment now() { return ports_.clock.monotonic(); }
  Witness& witness() { return ports_.witness; }
  Ledger& ledger() { return ports_.ledger; }

private:
  using Act = std::function<net::awaitable<void>()>;
  void cast(simulation::Dice& dice);
  void play(std::string who, Act act);
  net::awaitable<void> be_weather(simulation::Dice dice);
  bool is_dead() const;
  void run_to_the_end();

  Ports ports_;
  simulation::Dice dice_;
  MortalLoop loop_;
  simulation::Time time_{loop_, ports_.clock};
  simulation::Network network_;
  simulation::Resolver resolver_;
  std::map<std::string, std::unique_ptr<net::Dialer>> dialers_;
  std::optional<RunningPod> pod_;
  bool goes_on_ = true;
  bool last_ = false;
  bool fills_disk_ = false;
  unsigned actors_ = 0;
};

}  // namespace mailpod::world
