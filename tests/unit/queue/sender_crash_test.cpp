#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

/// The internet outlives the machine: servers keep what they took, and the member what was reported.
struct Internet {
  Internet() {
    far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"}};
    far.rcpt_replies["later@far.example"] = "450 4.2.1 not now";
    other.offers = {};
  }
  void join(SendingWorld& world) {
    world.add_domain("far.example", far, "198.51.100.1");
    world.add_domain("other.example", other, "198.51.100.2");
  }
  std::size_t copies_for(const std::string& address) const {
    return far.copies_for(address) + other.copies_for(address);
  }
  FarServer far, other;
};

const std::vector<std::vector<std::string>> mails = {{"a@far.example", "gone@far.example", "b@other.example"},
                                                     {"c@far.example"},
                                                     {"later@far.example", "d@far.example"}};

class SenderCrash : public testing::Test {
protected:
  void SetUp() override {
    SendingWorld world(std::make_unique<simulation::Disk>());
    for (const auto& recipients : mails) world.put(recipients);
    disk = world.disk->clean_copy();
  }
  /// Who is still to get a copy, by what the disk says.
  static std::vector<std::string> pending(SendingWorld& world) {
    std::vector<std::string> addresses;
    for (const Summary& summary : world.spool().list()) {
      for (const Recipient& recipient : world.show(summary.id).recipients) {
        if (recipient.state == RecipientState::pending) addresses.push_back(recipient.address);
      }
    }
    return addresses;
  }
  std::unique_ptr<simulation::Disk> disk;
};

TEST_F(SenderCrash, LosesNobodyAndRepeatsOnlyWhatWasNotRecorded) {
  std::size_t lives = 0;
  std::size_t repeated = 0;
  for (std::uint64_t call = 1;; ++call) {
    bool finished = false;
    for (std::uint64_t seed = 0; seed < 8 && !finished; ++seed) {
      Internet internet;
      std::vector<Mailroom::Report> reports;
      std::unique_ptr<simulation::Disk> after;
      {
        SendingWorld first(disk->clean_copy());
        internet.join(first);
        first.spool();
        first.disk->crash_at_call(first.disk->calls() + call);
        first.start();
        try {
          finished =
              first.until([&] { return internet.far.sessions > 0 && first.sender->figures().waiting == 1; }, 1min);
          ASSERT_TRUE(finished);
          ASSERT_TRUE(first.stop());
        } catch (const simulation::PowerLoss&) {
          first.ended = true;
        }
        reports = std::move(first.returns.reports);
        after = finished ? first.disk->clean_copy() : first.disk->crash(seed);
      }
      SendingWorld second(std::move(after));
      internet.join(second);
      internet.far.rcpt_replies.erase("later@far.example");
      std::map<std::string, std::size_t> expected;
      for (const auto& recipients : mails) {
        for (const auto& address : recipients) expected[address] = internet.copies_for(address);
      }
      for (const auto& address : pending(second)) ++expected[address];
      expected["gone@far.example"] = 0;
      second.start();
      ASSERT_TRUE(second.until_empty()) << "call " << call << " seed " << seed;

      for (const auto& [address, copies] : expected) {
        EXPECT_EQ(internet.copies_for(address), copies) << address << " call " << call << " seed " << seed;
        if (address == "gone@far.example") continue;
        EXPECT_GE(copies, 1U) << address << " is lost, call " << call << " seed " << seed;
        EXPECT_LE(copies, 2U) << address;
        repeated += copies - 1;
      }
      std::ranges::move(second.returns.reports, std::back_inserter(reports));
      EXPECT_GE(reports.size(), 1U) << "nobody heard of the failure, call " << call;
      EXPECT_LE(reports.size(), 2U);
      if (reports.size() == 2) {
        const auto id_of = [](const std::string& octets) {
          const std::size_t begin = octets.find("Message-ID:");
          return octets.substr(begin, octets.find('\n', begin) - begin);
        };
        EXPECT_EQ(id_of(reports[0].octets), id_of(reports[1].octets)) << "twice, but to be told";
      }
      ++lives;
      if (HasFailure()) return;
    }
    if (finished) break;
  }
  EXPECT_GT(lives, 100U);
  EXPECT_GT(repeated, 0U) << "no crash fell between an answer and its record: this test sees nothing";
}

TEST_F(SenderCrash, GoesOnWhicheverCallOfTheDiskFails) {
  for (std::uint64_t call = 1;; ++call) {
    Internet internet;
    internet.far.rcpt_replies.erase("later@far.example");
    SendingWorld world(disk->clean_copy());
    internet.join(world);
    world.spool();
    const std::uint64_t before = world.disk->calls();
    world.disk->fail_call(before + call, EIO);
    world.start();
    ASSERT_TRUE(world.until_empty()) << "call " << call;
    for (const auto& recipients : mails) {
      for (const auto& address : recipients) {
        EXPECT_EQ(internet.copies_for(address), address == "gone@far.example" ? 0U : 1U) << address << " call " << call;
      }
    }
    if (HasFailure()) return;
    if (world.disk->calls() < before + call) break;
  }
}

}  // namespace
}  // namespace mailpod::queue
