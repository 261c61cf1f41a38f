#include <mailpod/queue/sender.hpp>

#include <array>
#include <cstdlib>

#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

/// Ten domains in bad weather: hosts that refuse, keep silent, break off anywhere and fail at TLS; and now and then the
/// sender is stopped and begun again. The seed decides what happens.
struct Storm {
  explicit Storm(std::uint64_t seed) : dice(seed) {}

  void join(SendingWorld& world) {
    for (std::size_t i = 0; i < servers.size(); ++i) {
      world.add_domain(domain(i), servers[i], "198.51.100." + std::to_string(i + 1));
      world.add_mx(domain(i), "spare." + domain(i), 20);
      world.add_address("spare." + domain(i), "203.0.113." + std::to_string(i + 1));
      servers[i].listen(world.network, "203.0.113." + std::to_string(i + 1));
    }
    world.settings.connections = 5;
    auto& weather = world.network.weather;
    weather.refused = percent_below(20);
    weather.silent = percent_below(10);
    weather.cut = percent_below(40);
    weather.longest_cut = 2'000;
    weather.tls_fails = percent_below(30);
    weather.max_pause = 300ms;
    weather.max_piece = 1 + dice.below(200);
  }
  unsigned percent_below(unsigned limit) { return static_cast<unsigned>(dice.below(limit)); }
  static std::string domain(std::size_t i) { return "d" + std::to_string(i) + ".example"; }
  void put_some(SendingWorld& world) {
    for (int i = 0; i < 12; ++i) {
      std::vector<std::string> recipients;
      const std::size_t count = 1 + dice.below(4);
      for (std::size_t j = 0; j < count; ++j) {
        recipients.push_back("r" + std::to_string(all.size()) + "@" + domain(dice.below(10)));
        all.push_back(recipients.back());
      }
      world.put(recipients, message_of(100 + dice.below(3'000)));
    }
  }
  std::size_t copies_for(const std::string& address) const {
    std::size_t copies = 0;
    for (const FarServer& server : servers) copies += server.copies_for(address);
    return copies;
  }
  std::size_t copies() const {
    std::size_t count = 0;
    for (const FarServer& server : servers) {
      for (const auto& mail : server.mails) count += mail.recipients.size();
    }
    return count;
  }
  /// How many recipients the log names in lines with `part`.
  static std::size_t recipients_in(const LogBook& log, const std::string& part) {
    std::size_t count = 0;
    for (const auto& line : log.lines) {
      const std::size_t at = line.find("recipients=");
      if (line.find(part) != std::string::npos) count += std::stoul(line.substr(at + 11));
    }
    return count;
  }

  simulation::Dice dice;
  std::vector<std::string> all;
  std::array<FarServer, 10> servers;
};

/// What the whole story says of itself.
struct Tally {
  std::size_t sent = 0;        ///< recipients recorded as delivered
  std::size_t unanswered = 0;  ///< recipients whose attempt ended without a reply, perhaps to the message itself
};

void live_through(std::uint64_t seed, Tally& tally) {
  Storm storm(seed);
  for (std::size_t i = 0; i < storm.servers.size(); i += 2) storm.servers[i].offers.emplace_back("STARTTLS");
  auto disk = std::make_unique<simulation::Disk>(seed);
  base::Time now = simulation::Clock().now();
  constexpr int lives = 4;
  for (int life = 0; life < lives; ++life) {
    SendingWorld world(std::move(disk), storm.dice.roll());
    world.clock.set(now);
    storm.join(world);
    if (life + 1 < lives) storm.put_some(world);
    world.start();
    if (life + 1 < lives) {
      world.time.run_for(std::chrono::milliseconds(storm.dice.below(2'000'000)));
      ASSERT_TRUE(world.stop(11min)) << "seed " << seed;
    } else {
      world.time.run_for(1h);
      world.network.weather = {};
      ASSERT_TRUE(world.until_empty()) << "seed " << seed;
    }
    EXPECT_TRUE(world.network.failures().empty());
    EXPECT_TRUE(world.returns.reports.empty()) << world.returns.reports[0].octets;
    tally.sent += Storm::recipients_in(world.log, "queue.sent");
    tally.unanswered += Storm::recipients_in(world.log, "reply=none");
    disk = world.disk->clean_copy();
    now = world.clock.now();
  }
  for (const auto& address : storm.all)
    EXPECT_GE(storm.copies_for(address), 1U) << address << " is lost, seed " << seed;
  EXPECT_EQ(tally.sent, storm.all.size()) << "delivered twice by our own records, seed " << seed;
  EXPECT_LE(storm.copies(), storm.all.size() + tally.unanswered) << "copies that SMTP does not excuse, seed " << seed;
}

TEST(SenderInBadWeather, LosesNobodyAndRepeatsOnlyWhatWasNotAnswered) {
  const char* const wanted = std::getenv("MAILPOD_SEEDS");
  const std::uint64_t seeds = wanted != nullptr ? std::stoull(wanted) : 12;
  std::size_t unanswered = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Tally tally;
    live_through(seed, tally);
    unanswered += tally.unanswered;
    if (HasFailure()) return;
  }
  EXPECT_GT(unanswered, 0U) << "fair weather: this test sees nothing";
}

}  // namespace
}  // namespace mailpod::queue
