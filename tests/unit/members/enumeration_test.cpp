#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <map>
#include <ranges>
#include <vector>

#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

using sasl::Scope;

constexpr std::string_view wrong = "mp-00000-00000-00000-00000-000000";

/// Whoever a stranger may name: an account that exists, one that does not, and all that lies between.
class EnumerationTest : public testing::Test {
protected:
  EnumerationTest() {
    pod.enrol(pod.admit("alice@pod.lab"));
    const auto carol = pod.admit("carol@pod.lab");
    pod.enrol(carol);
    auto& community = pod.community;
    const auto suspension = community.suspension(carol.member, std::chrono::hours(48));
    EXPECT_TRUE(pod.admissions().record(community.sign(suspension)));
    pod.admit("ivan@pod.lab");
    const auto printer = pod.admit("printer@pod.lab");
    pod.enrol(printer, {"a long password", std::nullopt});
    auto house = pod.household();
    auto folder = slots_of(house, printer.member);
    for (const auto& slot : folder.list(printer.member).slots) folder.remove(slot.label.id);
    pod.adopt(make_send_only_slot(new_label(house, printer.member, SlotType::send_only, "scanner"),
                                  "mp-22222-22222-22222-22222-222222"));
    const auto empty = pod.admit("empty@pod.lab");
    pod.enrol(empty);
    auto emptied = slots_of(house, empty.member);
    for (const auto& slot : emptied.list(empty.member).slots) emptied.remove(slot.label.id);
  }

  using Try = std::function<boost::system::error_code(std::string_view name)>;

  /// How long a refusal takes, by kind: the median of many, the kinds by turns.
  std::map<std::string_view, double> milliseconds(const Try& attempt) {
    constexpr int rounds = 200;
    std::map<std::string_view, std::vector<double>> times;
    for (int round = 0; round < rounds; ++round) {
      for (const auto name : names) {
        const auto began = std::chrono::steady_clock::now();
        const auto answer = attempt(name);
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - began;
        EXPECT_EQ(answer, sasl::Errc::refused) << name;
        times[name].push_back(taken.count());
      }
    }
    std::map<std::string_view, double> medians;
    for (auto& [name, all] : times) {
      std::ranges::nth_element(all, all.begin() + rounds / 2);
      medians[name] = all[rounds / 2];
    }
    return medians;
  }

  static void expect_alike(const std::map<std::string_view, double>& medians) {
    const auto [least, most] = std::ranges::minmax(medians | std::views::values);
    EXPECT_LT(most - least, 1.0) << testing::PrintToString(medians);
  }

  Pod pod;
  const std::vector<std::string_view> names = {"alice", "nobody", "carol", "ivan", "printer", "empty"};
};

TEST_F(EnumerationTest, OfAccountsByAppPasswordsShowsNothing) {
  expect_alike(milliseconds([&](std::string_view name) {
    if (pod.keys->recall(name, wrong, Scope::imap)) return boost::system::error_code();
    const auto login = pod.keys->log_in(name, wrong, Scope::imap);
    return login ? boost::system::error_code() : login.error();
  }));
}

/// At the members' door many ask at once and are served one by one, so that no fixed moment hides what each costs.
TEST_F(EnumerationTest, OfAccountsByWhatMembersChangeShowsNothing) {
  // What the thread works, so that nobody else's work counts.
  const auto worked = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  };
  auto house = pod.household();
  house.argon2 = {1, 16 * 1024 * 1024};  // so that nothing else counts beside it
  KeyRing keys(house);
  std::map<std::string_view, double> least;
  for (int round = 0; round < 7; ++round) {
    for (const auto name : names) {
      const double began = worked();
      EXPECT_FALSE(keys.change_password(name, "wrong wrong wrong", "a good long password")) << name;
      const double taken = worked() - began;
      const auto [known, is_first] = least.emplace(name, taken);
      if (!is_first) known->second = std::min(known->second, taken);
    }
  }
  const auto [quickest, slowest] = std::ranges::minmax(least | std::views::values);
  EXPECT_GT(quickest * 2, slowest) << testing::PrintToString(least);
}

TEST_F(EnumerationTest, OfAccountsByScramShowsNothing) {
  const std::string proof(32, 'p');
  expect_alike(milliseconds([&](std::string_view name) {
    const auto challenge = pod.keys->challenge(name);
    EXPECT_EQ(challenge.salt.size(), 16U);
    EXPECT_EQ(challenge.iterations, 4096U);
    const auto login = pod.keys->log_in(sasl::ScramClaim{name, "what both sides sign", proof, Scope::imap});
    return login ? boost::system::error_code() : login.error();
  }));
}

}  // namespace
}  // namespace mailpod::members
