#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <mailpod/admin/members_door.hpp>
#include <mailpod/guard/guarded_credentials.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/members/pod_credentials.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>
#include <simulation/stream.hpp>
#include <simulation/time.hpp>

#include "acts.hpp"
#include "founding.hpp"

namespace mailpod::daemon {

using nlohmann::json;
using namespace std::chrono_literals;

class KeepingLog final : public base::Log {
public:
  void write(Level, std::string_view line) override { lines += std::string(line) + "\n"; }
  bool wants(Level) const override { return true; }
  std::string lines;
};

class AMembersDoor : public testing::Test {
protected:
  AMembersDoor() {
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    found_pod(machine(), request).value();
    auto configuration = read_configuration(disk, "/srv/pod").value();
    configuration.argon2 = {1, 8 * 1024 * 1024};
    pod = OpenPod::open(machine(), {"/srv/pod"}, std::move(configuration)).value();
    desk.emplace(pod->premises(nullptr));
    credentials = members::make_pod_credentials(pod->key_ring(), pool, gate, members::KeyRing::Purpose::own_affairs);
    door = std::make_unique<admin::MembersDoor>(admin::MembersDoor::Services{*desk, doorkeeper, pool, log},
                                                admin::MembersDoor::Settings{});
    alice = enrolled("alice");
  }
  ~AMembersDoor() override { hang_up(); }

  OpenPod::Machine machine() { return {disk, clock, entropy, base::silent_log(), arena}; }
  json at_the_desk(const std::string& operation, json arguments) {
    json request{{"operation", operation}, {"arguments", std::move(arguments)}};
    return desk->serve(request);
  }
  std::string invited(const std::string& name) {
    const auto keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"});
    const auto& charter = pod->registry().gate().roster()->charters().at(clock.now());
    const auto salt = entropy.bytes<32>();
    auto act = make_act(machine(), charter, governance::Act::Kind::admit, MemberId{entropy.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, name + "@pod.lab");
    const json admission{
        {"act", file_json(*keys->sign(act))}, {"address", name + "@pod.lab"}, {"salt", base::hex(base::octets(salt))}};
    const auto admitted = at_the_desk("member.admit", {{"admissions", json::array({admission})}});
    return admitted.at("answer").at("invitations").at(0).at("code");
  }
  /// Their app password; the human one is `correct horse battery`.
  std::string enrolled(const std::string& name) {
    const json item{
        {"address", name}, {"code", invited(name)}, {"app", "phone"}, {"password", "correct horse battery"}};
    const auto done = at_the_desk("enrol", {{"enrolments", json::array({item})}});
    return done.at("answer").at("enrolled").at(0).at("password");
  }

  void connect(const std::string& from = "192.0.2.1") {
    hang_up();
    simulation::Wire wire;
    wire.time = &time;
    wire.secure = true;
    wire.client = {from, 49152};
    duplex.emplace(simulation::make_duplex(loop.get_executor(), wire));
    ended = false;
    heard.clear();
    boost::asio::co_spawn(loop, serve(), boost::asio::detached);
    boost::asio::co_spawn(loop, listen(), boost::asio::detached);
  }
  net::awaitable<void> serve() {
    guard::GuardedCredentials guarded(*credentials, doorkeeper, *duplex->server, "members", log);
    co_await door->converse(*duplex->server, guarded);
    ended = true;
    co_await duplex->server->close();
  }
  net::awaitable<void> listen() {
    try {
      for (std::array<char, 4096> piece{};;) {
        const auto got = co_await duplex->client->read_some(piece);
        if (got == 0) co_return;
        heard.append(piece.data(), got);
      }
    } catch (const std::system_error&) {
      // Closed.
    }
  }
  void hang_up() {
    if (!duplex) return;
    duplex->client->abort();
    duplex->server->abort();
    time.run_until([&] { return ended; });
    time.run_for(0us);
    duplex.reset();
  }
  void say(std::string octets) {
    boost::asio::co_spawn(
        loop, [&, octets]() -> net::awaitable<void> { co_await duplex->client->write(octets); }, boost::asio::detached);
  }
  /// The next answer, and how long it took.
  json ask(const std::string& operation, json arguments) {
    return answer_to(json{{"operation", operation}, {"arguments", std::move(arguments)}}.dump() + "\r\n");
  }
  json answer_to(const std::string& octets) {
    heard.clear();
    const auto before = clock.monotonic();
    say(octets);
    time.run_until([&] { return heard.ends_with("\r\n") || ended; });
    took = clock.monotonic() - before;
    time.run_for(0us);
    return json::parse(heard);
  }
  /// What an errand that has begun comes to.
  json outcome_of(const json& begun) {
    for (;;) {
      auto look = ask("vault.look", {{"errand", begun.at("answer").at("errand")}}).at("answer");
      if (!look.at("reply").is_null()) return look.at("reply");
    }
  }
  bool closed() {
    time.run_for(10ms);
    return ended;
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{94};
  crypto::KeyArena arena;
  KeepingLog log;
  boost::asio::io_context loop;
  simulation::Time time{loop, clock};
  guard::Doorkeeper doorkeeper{clock, entropy, {}};
  net::Pool pool{net::Pool::Inline{}};
  net::Gate gate{pool, 2, 8};
  std::unique_ptr<OpenPod> pod;
  std::optional<admin::Desk> desk;
  std::unique_ptr<sasl::Credentials> credentials;
  std::unique_ptr<admin::MembersDoor> door;
  std::string alice;
  std::optional<simulation::Duplex> duplex;
  std::string heard;
  bool ended = true;
  std::chrono::microseconds took{0};
};

}  // namespace mailpod::daemon
