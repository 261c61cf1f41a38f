#include "simulation/stream.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "simulation/dice.hpp"
#include "simulation/time.hpp"

namespace mailpod::simulation {

namespace {

using boost::asio::awaitable;
using net::Wake;
using Moment = Time::Moment;

[[noreturn]] void fail(std::error_code code) {
  throw std::system_error(code, "simulated connection");
}
[[noreturn]] void fail(std::errc code) {
  fail(std::make_error_code(code));
}

class End;

/// What lies between the two ends. An end is 0 (client) or 1 (server).
struct Link {
  explicit Link(Wire w) : wire(std::move(w)), dice(wire.seed), secure{wire.secure, wire.secure} {}

  /// How many octets a read may have of those that are there.
  std::size_t piece(std::size_t there) {
    if (wire.seed == 0) return there;
    return std::min<std::size_t>(there, 1 + dice.below(wire.max_piece));
  }
  /// When the next piece for this end can be read.
  void send_off(std::size_t end, Moment now) {
    const auto longest = static_cast<std::uint64_t>(wire.max_pause.count());
    arrives[end] = now;
    if (longest > 0) arrives[end] += std::chrono::microseconds(dice.below(longest + 1));
  }

  Wire wire;
  Dice dice;
  std::array<bool, 2> secure;
  std::array<bool, 2> shaking_hands{false, false};
  std::string server_name;
  bool expects_tlsa = false;
  bool broken = false;
  bool lossy = false;  ///< what is written from now on gets lost
  std::uint64_t carried = 0;
  std::array<std::string, 2> toward;  ///< octets on their way to each end
  std::array<Moment, 2> arrives{};    ///< when the first of them are there
  std::array<bool, 2> closed{false, false};
  std::array<End*, 2> ends{nullptr, nullptr};
  std::shared_ptr<Transcript> transcript = std::make_shared<Transcript>();
};

class End final : public net::Stream {
public:
  End(boost::asio::any_io_executor loop, std::shared_ptr<Link> link, std::size_t index)
      : link_(std::move(link)), index_(index), changed_(std::move(loop), link_->wire.time) {
    link_->ends[index_] = this;
  }
  ~End() override {
    leave();
    link_->ends[index_] = nullptr;
  }

  awaitable<std::size_t> read_some(std::span<char> into) override {
    const Moment deadline = changed_.now() + timeout_;
    while (true) {
      check_input();
      if (has_arrived()) {
        const std::size_t count = incoming().copy(into.data(), std::min(link_->piece(incoming().size()), into.size()));
        incoming().erase(0, count);
        link_->send_off(index_, changed_.now());
        co_return count;
      }
      if (incoming().empty() && link_->broken) fail(std::errc::connection_reset);
      if (incoming().empty() && link_->closed[other()]) co_return 0;
      const bool in_time = co_await something_changed(deadline);
      if (!in_time) fail(std::errc::timed_out);
    }
  }

  awaitable<void> write(std::string_view octets) override {
    check_alive();
    if (link_->broken) fail(std::errc::connection_reset);
    if (link_->lossy) co_return;
    if (link_->closed[other()]) fail(std::errc::broken_pipe);
    const auto left = link_->wire.cut_at.value_or(UINT64_MAX) - link_->carried;
    const auto carried = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, octets.size())));
    if (link_->toward[other()].empty()) link_->send_off(other(), changed_.now());
    link_->carried += carried.size();
    link_->toward[other()] += carried;
    record(carried);
    if (carried.size() < octets.size()) cut();
    tell(link_->ends[other()]);
    if (!link_->broken) co_return;
    tell(this);
    fail(std::errc::connection_reset);
  }

  void set_timeout(std::chrono::milliseconds limit) override { timeout_ = limit; }
  std::chrono::milliseconds timeout() const override { return timeout_; }
  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::time_point(changed_.now());
  }

  awaitable<Wake> wait_input(std::chrono::milliseconds limit) override {
    const Moment deadline = changed_.now() + limit;
    while (true) {
      check_input();
      if (std::exchange(rung_, false)) co_return Wake::rung;
      if (has_arrived() || (incoming().empty() && has_ended())) co_return Wake::input;
      if (limit.count() == 0) co_return Wake::timeout;
      const bool in_time = co_await something_changed(deadline);
      if (!in_time) co_return Wake::timeout;
    }
  }

  void ring() override {
    rung_ = true;
    tell(this);
  }

  awaitable<void> start_tls() override {
    check_alive();
    if (!offers_tls()) fail(net::make_error_code(net::Errc::bad_certificate));
    co_await shake_hands();
  }
  awaitable<void> start_client_tls(net::TlsPeer peer) override {
    check_alive();
    link_->server_name = std::move(peer.name);
    link_->expects_tlsa = !peer.tlsa.empty();
    co_await shake_hands();
  }
  bool offers_tls() const override { return link_->wire.offers_tls; }
  bool secure() const override { return link_->secure[index_]; }
  net::TlsInformation tls() const override {
    if (!secure()) return {};
    const bool good = link_->expects_tlsa ? link_->wire.matches_tlsa : link_->wire.verified;
    const bool verified = index_ == 0 && good && !link_->server_name.empty();
    const auto mistrust = link_->expects_tlsa ? net::Mistrust::no_match : net::Mistrust::other_name;
    return {
        "TLSv1.3", "TLS_AES_256_GCM_SHA384", link_->server_name, verified, verified ? net::Mistrust::none : mistrust,
        {}};
  }
  std::string channel_binding(net::Binding kind) const override {
    if (!secure()) return {};
    return std::string(32, kind == net::Binding::tls_exporter ? 'e' : 'p');
  }

  net::Endpoint peer() const override { return index_ == 0 ? link_->wire.server : link_->wire.client; }
  std::uint16_t local_port() const override { return index_ == 0 ? link_->wire.client.port : link_->wire.server.port; }

  awaitable<void> close() override {
    abort();
    co_return;
  }
  void abort() override {
    aborted_ = true;
    leave();
    tell(this);
  }
  void end_input() override {
    input_ended_ = true;
    tell(this);
  }
  boost::asio::any_io_executor executor() override { return changed_.executor(); }
  std::unique_ptr<net::Alarm> make_alarm() override {
    return link_->wire.time != nullptr ? link_->wire.time->alarm() : Stream::make_alarm();
  }

  /// Something has changed.
  static void tell(End* end) {
    if (end != nullptr) end->changed_.cancel();
  }

private:
  std::size_t other() const { return 1 - index_; }
  std::string& incoming() { return link_->toward[index_]; }
  bool has_arrived() { return !incoming().empty() && link_->arrives[index_] <= changed_.now(); }
  bool has_ended() const { return link_->broken || link_->closed[other()]; }

  void cut() {
    link_->broken = link_->wire.cut == Cut::resets;
    link_->lossy = !link_->broken;
    if (link_->wire.cut == Cut::ends) link_->closed = {true, true};
  }
  void leave() {
    link_->closed[index_] = true;
    tell(link_->ends[other()]);
  }
  void check_alive() const {
    if (aborted_) fail(std::errc::operation_canceled);
  }
  void check_input() const {
    check_alive();
    if (input_ended_) fail(net::make_error_code(net::Errc::shutting_down));
  }
  void record(std::string_view octets) {
    const auto from = index_ == 0 ? Transcript::From::client : Transcript::From::server;
    auto& pieces = link_->transcript->pieces;
    if (octets.empty()) return;
    if (pieces.empty() || pieces.back().from != from) pieces.push_back({from, {}});
    pieces.back().octets += octets;
  }

  /// False once the deadline has passed with nothing having changed.
  awaitable<bool> something_changed(Moment deadline) {
    const bool on_its_way = !incoming().empty() && link_->arrives[index_] <= deadline;
    const Moment until = on_its_way ? link_->arrives[index_] : deadline;
    const bool reached = co_await changed_.reached(until);
    co_return on_its_way || !reached;
  }

  awaitable<void> shake_hands() {
    if (!link_->wire.handshake) {
      link_->secure = {true, true};
      co_return;
    }
    const Moment deadline = changed_.now() + timeout_;
    link_->shaking_hands[index_] = true;
    tell(link_->ends[other()]);
    while (!link_->shaking_hands[other()]) {
      check_input();
      // Whoever says something else, or leaves, does not speak TLS.
      if (has_arrived() || has_ended()) fail(net::make_error_code(net::Errc::tls_handshake_failed));
      const bool in_time = co_await something_changed(deadline);
      if (!in_time) fail(std::errc::timed_out);
    }
    if (link_->wire.handshake_fails) fail(net::make_error_code(net::Errc::tls_handshake_failed));
    link_->secure[index_] = true;
  }

  std::shared_ptr<Link> link_;
  const std::size_t index_;
  Timer changed_;
  std::chrono::milliseconds timeout_ = std::chrono::minutes(5);
  bool rung_ = false;
  bool input_ended_ = false;
  bool aborted_ = false;
};

}  // namespace

std::string Transcript::of(From side) const {
  std::string all;
  for (const auto& piece : pieces) {
    if (piece.from == side) all += piece.octets;
  }
  return all;
}

Duplex make_duplex(boost::asio::any_io_executor loop, Wire wire) {
  const auto link = std::make_shared<Link>(std::move(wire));
  Duplex made;
  made.client = std::make_unique<End>(loop, link, 0);
  made.server = std::make_unique<End>(loop, link, 1);
  made.transcript = link->transcript;
  made.sever = [weak = std::weak_ptr(link)] {
    const auto severed = weak.lock();
    if (!severed) return;
    severed->broken = true;
    severed->toward = {};
    for (End* end : severed->ends) End::tell(end);
  };
  return made;
}

}  // namespace mailpod::simulation
