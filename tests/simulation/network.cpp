#include "simulation/network.hpp"

#include <list>
#include <system_error>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace mailpod::simulation {

using boost::asio::awaitable;

namespace {

constexpr std::uint16_t first_port = 49152;

/// Everything that the conversation needs is in this frame. A connection that fails ends it, as it would a listener's.
awaitable<void> converse(std::shared_ptr<const Network::Serve> serve, std::unique_ptr<net::Stream> stream,
                         std::shared_ptr<std::vector<std::string>> failures) {
  try {
    co_await (*serve)(std::move(stream));
  } catch (const std::system_error&) {
  } catch (const std::exception& failure) {
    failures->emplace_back(failure.what());
  }
}

}  // namespace

class Dialer final : public net::Dialer {
public:
  Dialer(Network& network, std::string address) : network_(network), address_(std::move(address)) {}

  awaitable<std::unique_ptr<net::Stream>> connect(net::Endpoint to, std::chrono::milliseconds limit) override {
    const std::size_t number = network_.attempts_.size();
    network_.attempts_.push_back({address_, to, std::make_error_code(std::errc::operation_in_progress)});
    std::unique_ptr<net::Stream> stream;
    std::error_code outcome;
    try {
      stream = co_await begin(to, limit);
    } catch (const std::system_error& failure) {
      outcome = failure.code();
    }
    network_.attempts_[number].outcome = outcome;
    if (outcome) throw std::system_error(outcome, "simulated connection");
    co_return stream;
  }

  void stop() override {
    stopped_ = true;
    for (Timer* waiting : under_way_) waiting->cancel();
  }

private:
  awaitable<std::unique_ptr<net::Stream>> begin(net::Endpoint to, std::chrono::milliseconds limit) {
    const auto pause = network_.pause();
    const bool late = pause > limit;
    co_await wait(late ? limit : pause);
    if (late) fail(std::errc::timed_out);
    // Whom it reaches is decided when it arrives there.
    switch (network_.fate(address_, to)) {
      case Network::Fate::stands:
        break;
      case Network::Fate::refused:
        fail(std::errc::connection_refused);
      case Network::Fate::unreachable:
        fail(std::errc::host_unreachable);
      case Network::Fate::silent:
        co_await wait(limit - pause);
        fail(std::errc::timed_out);
    }
    const net::Endpoint from{address_, port_};
    port_ = port_ == UINT16_MAX ? first_port : static_cast<std::uint16_t>(port_ + 1);
    co_return network_.join(from, to);
  }

  [[noreturn]] static void fail(std::errc code) {
    throw std::system_error(std::make_error_code(code), "simulated connection");
  }

  awaitable<void> wait(std::chrono::microseconds duration) {
    Timer timer(network_.loop_.get_executor(), &network_.time_);
    if (!stopped_ && duration.count() > 0) {
      const auto place = under_way_.insert(under_way_.end(), &timer);
      const auto moment = timer.now() + duration;
      co_await timer.reached(moment);
      under_way_.erase(place);
    }
    if (stopped_) throw std::system_error(net::make_error_code(net::Errc::shutting_down), "simulated connection");
  }

  Network& network_;
  std::string address_;
  std::uint16_t port_ = first_port;
  std::list<Timer*> under_way_;
  bool stopped_ = false;
};

Network::Network(boost::asio::io_context& loop, Time& time, std::uint64_t seed)
    : loop_(loop), time_(time), dice_(seed) {}

std::unique_ptr<net::Dialer> Network::dialer(std::string address) {
  return std::make_unique<Dialer>(*this, std::move(address));
}

// ---- servers and ways

void Network::listen(const net::Endpoint& at, Serve serve) {
  servers_[{at.address, at.port}] = std::make_shared<const Serve>(std::move(serve));
}

void Network::stop_listening(const net::Endpoint& at) {
  servers_.erase({at.address, at.port});
}

void Network::take_away(const std::string& address) {
  away_.insert(address);
  std::erase_if(connections_, [&](const Connection& connection) {
    const bool concerned = connection.from == address || connection.to == address;
    if (concerned) connection.sever();
    return concerned;
  });
}

void Network::bring_back(const std::string& address) {
  away_.erase(address);
  unreachable_.erase(address);
}

void Network::make_unreachable(const std::string& address) {
  unreachable_.insert(address);
}

void Network::sever_all() {
  for (const auto& connection : std::exchange(connections_, {})) connection.sever();
}

void Network::cut_next(std::uint64_t octets, Cut how) {
  next_cut_.emplace(octets, how);
}

// ---- connections

/// The dice fall the same way whatever the machines do, so that a change in one test's weather stays where it is.
Network::Fate Network::fate(const std::string& from, const net::Endpoint& to) {
  const bool silent = befalls(weather.silent);
  const bool refused = befalls(weather.refused);
  if (unreachable_.contains(to.address)) return Fate::unreachable;
  if (silent || away_.contains(to.address) || away_.contains(from)) return Fate::silent;
  if (refused || !servers_.contains({to.address, to.port})) return Fate::refused;
  return Fate::stands;
}

std::chrono::microseconds Network::pause() {
  const auto longest = static_cast<std::uint64_t>(weather.max_pause.count());
  return std::chrono::microseconds(dice_.below(longest + 1));
}

Wire Network::wire(const net::Endpoint& from, const net::Endpoint& to) {
  Wire made;
  const std::uint64_t seed = dice_.roll() | 1;  // 0 has a meaning of its own
  const std::uint64_t cut_at = dice_.below(weather.longest_cut + 1);
  made.seed = weather.max_piece > 0 || weather.max_pause.count() > 0 ? seed : 0;
  made.max_piece = weather.max_piece > 0 ? weather.max_piece : SIZE_MAX;
  if (befalls(weather.cut)) made.cut_at = cut_at;
  made.handshake = true;
  made.handshake_fails = befalls(weather.tls_fails);
  made.verified = !impostors.contains(to.address);
  made.matches_tlsa = !strangers.contains(to.address);
  made.time = &time_;
  made.max_pause = weather.max_pause;
  made.client = from;
  made.server = to;
  return made;
}

std::unique_ptr<net::Stream> Network::join(const net::Endpoint& from, const net::Endpoint& to) {
  Wire made = wire(from, to);
  if (const auto cut = std::exchange(next_cut_, std::nullopt)) {
    made.cut_at = cut->first;
    made.cut = cut->second;
  }
  auto duplex = make_duplex(loop_.get_executor(), std::move(made));
  newest_ = duplex.transcript;
  std::erase_if(connections_, [](const Connection& connection) { return connection.stands.expired(); });
  connections_.push_back({from.address, to.address, duplex.sever, duplex.transcript});
  const auto serve = servers_.at({to.address, to.port});
  boost::asio::co_spawn(loop_, converse(serve, std::move(duplex.server), failures_), boost::asio::detached);
  return std::move(duplex.client);
}

}  // namespace mailpod::simulation
