#include "life.hpp"

#include <array>

#include <boost/asio/co_spawn.hpp>

#include "actors.hpp"

namespace mailpod::world {

using net::awaitable;
using namespace std::chrono_literals;
using simulation::Dice;

namespace {

/// Somebody sets the clock right, or wrong: by hours, a day back, a year ahead.
std::chrono::seconds clock_jump(Dice& dice) {
  const auto how = dice.below(4);
  if (how == 0) return std::chrono::days(365);
  if (how == 1) return -std::chrono::days(1);
  return std::chrono::seconds(static_cast<int>(dice.below(20'000)) - 10'000);
}

}  // namespace

Life::Life(const Ports& ports, std::uint64_t seed)
    : ports_(ports), dice_(seed), network_(loop_, time_, dice_.roll()) {
  ports_.ledger.internet.listen(network_);
  ports_.ledger.internet.join(resolver_);
  // A disk may fail already while the pod opens.
  try {
    pod_.emplace(RunningPod::Ports{ports_.disk, ports_.clock, ports_.entropy, ports_.witness, loop_, time_, network_,
                                   resolver_});
  } catch (const simulation::PowerLoss&) {
  }
}

Life::~Life() {
  loop_.forget_everything();
}

// ---- for actors

awaitable<void> Life::pause(std::chrono::microseconds duration) {
  simulation::Timer timer(loop_.get_executor(), &time_);
  const auto until = timer.now() + duration;
  co_await timer.reached(until);
}

awaitable<std::unique_ptr<net::Stream>> Life::dial(std::string address, std::uint16_t port) {
  auto& dialer = dialers_[address];
  if (!dialer) dialer = network_.dialer(address);
  const net::Endpoint pod{pod_address, port};
  co_return co_await dialer->connect(pod, 30s);
}

// ---- who takes part

void Life::play(std::string who, Act act) {
  ++actors_;
  boost::asio::co_spawn(
      loop_,
      [act = std::move(act)]() -> awaitable<void> { co_await act(); },
      [this, who = std::move(who)](const std::exception_ptr& failure) {
        --actors_;
        if (failure) std::rethrow_exception(failure);
      });
}

void Life::cast(Dice& dice) {
  for (unsigned i = 0; i < 2; ++i) {
    play("outside", [this, i, own_dice = Dice(dice.roll())] { return correspond(*this, own_dice, i); });
  }
  for (std::size_t member = 0; member < 3; ++member) {
    if (member < 2) {
      play("author", [this, member, own_dice = Dice(dice.roll())] { return submit(*this, own_dice, member); });
      play("watcher", [this, member, own_dice = Dice(dice.roll())] { return watch(*this, own_dice, member); });
    }
    play("owner", [this, member, own_dice = Dice(dice.roll())] { return own(*this, own_dice, member); });
  }
}

/// The network's weather, and the moods of a server.
awaitable<void> Life::be_weather(Dice dice) {
  using Breaks = simulation::FarServer::Breaks;
  constexpr std::array breaks = {Breaks::nowhere, Breaks::nowhere,        Breaks::nowhere,           Breaks::on_connect,
                                 Breaks::at_mail, Breaks::within_message, Breaks::before_last_answer};
  auto& moody = ports_.ledger.internet.moody;
  while (goes_on_) {
    moody.breaks = breaks[dice.below(breaks.size())];
    moody.silent_at = dice.below(6) == 0 ? (dice.coin() ? "DOT" : "RCPT") : "";
    moody.last_reply = dice.below(4) == 0 ? "451 4.3.0 not now" : "250 2.0.0 taken";
    moody.mail_reply = dice.below(5) == 0 ? "421 4.7.0 go away" : "250 2.1.0 ok";
    co_await pause(std::chrono::milliseconds(dice.below(60'000)));
    const auto event = dice.below(6);
    if (event == 0) {
      ports_.witness.note("all connections break");
      network_.sever_all();
    } else if (event == 1) {
      const auto jump = clock_jump(dice);
      ports_.witness.note("the wall clock is set by {} s", jump.count());
      ports_.clock.set(ports_.clock.now() + jump);
    } else if (event == 2 && fills_disk_) {
      ports_.witness.note("the disk is full");
      ports_.disk.set_capacity(ports_.disk.used() + dice.below(20'000));
      co_await pause(std::chrono::milliseconds(dice.below(40'000)));
      ports_.disk.set_capacity(UINT64_MAX);
      ports_.witness.note("the disk has room again");
    }
  }
}

// ---- from beginning to end

bool Life::is_dead() const {
  return !ports_.disk.has_power();
}

void Life::run(const Plan& plan) {
  last_ = plan.end == Plan::End::none;
  fills_disk_ = plan.fills_disk;
  if (plan.last_call != 0) ports_.disk.crash_at_call(ports_.disk.calls() + plan.last_call);
  for (unsigned i = 0; i < plan.disk_faults; ++i)
    ports_.disk.fail_call(ports_.disk.calls() + 1 + dice_.below(500), dice_.coin() ? EIO : ENOSPC);
  if (!pod_ || is_dead()) return;
  if (!last_) {
    auto& weather = network_.weather;
    weather.refused = static_cast<unsigned>(dice_.below(10));
    weather.silent = static_cast<unsigned>(dice_.below(5));
    weather.cut = static_cast<unsigned>(dice_.below(40));
    weather.longest_cut = 1 + dice_.below(30'000);
    weather.tls_fails = static_cast<unsigned>(dice_.below(10));
    weather.max_pause = std::chrono::milliseconds(dice_.coin() ? dice_.below(200) : 0);
    constexpr std::array pieces = {0, 4'000, 500, 40};
    weather.max_piece = static_cast<std::size_t>(pieces[dice_.below(pieces.size())]);
  }
  try {
    cast(dice_);
    if (last_) return run_to_the_end();
    boost::asio::co_spawn(loop_, be_weather(Dice(dice_.roll())), [](const std::exception_ptr&) {});
    time_.run_until([this] { return is_dead() || !ports_.witness.is_content(); }, plan.length);
    goes_on_ = false;
    ports_.disk.set_capacity(UINT64_MAX);
    if (plan.end == Plan::End::stop && !is_dead() && !pod_->stop() && !is_dead())
      ports_.witness.accuse("the pod does not stop");
  } catch (const simulation::PowerLoss&) {
  }
}

void Life::run_to_the_end() {
  auto& moody = ports_.ledger.internet.moody;
  moody.breaks = simulation::FarServer::Breaks::nowhere;
  moody.silent_at.clear();
  moody.last_reply = "250 2.0.0 taken";
  moody.mail_reply = "250 2.1.0 ok";
  const auto content = [this] { return ports_.witness.is_content(); };
  if (!time_.run_until([&] { return actors_ == 0 || !content(); }, 24h))
    return ports_.witness.accuse("somebody waits for ever");
  if (!time_.run_until([&] { return pod_->has_sent_everything() || !content(); }, 24h))
    return ports_.witness.accuse("the queue does not drain");
  for (std::size_t member = 0; member < 3 && content(); ++member) {
    play("survey", [this, member] { return survey(*this, member, Holdings::When::quiet); });
    if (!time_.run_until([&] { return actors_ == 0; }, 1h)) ports_.witness.accuse("the last survey does not end");
  }
  if (content() && !pod_->stop()) ports_.witness.accuse("the pod does not stop");
}

}  // namespace mailpod::world
