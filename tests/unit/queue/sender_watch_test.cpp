#include <mailpod/queue/watch.hpp>

#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

class Tally final : public Watch {
public:
  void refused(MemberId submitter, std::size_t recipients) override { counts[submitter] += recipients; }
  std::map<MemberId, std::size_t> counts;
};

class WatchedSender : public testing::Test {
protected:
  WatchedSender() {
    world.add_domain("far.example", far, "198.51.100.1");
    world.watch = &tally;
  }
  Tally tally;
  SendingWorld world;
  FarServer far;
};

TEST_F(WatchedSender, TellsHowManyRecipientsOfAMemberWereRefusedForGood) {
  far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"},
                      {"left@far.example", "550 5.1.1 no such mailbox"},
                      {"later@far.example", "450 4.2.1 not now"}};
  world.put({"gone@far.example", "friend@far.example", "left@far.example", "later@far.example", "who@nowhere.example"});
  Entry from_outside = world.entry_to({"gone@far.example"});
  from_outside.submitter.reset();
  world.put_entry(from_outside);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.deferred") > 0; }, 1min));
  world.time.run_for(1min);
  EXPECT_EQ(tally.counts, (std::map<MemberId, std::size_t>{{SendingWorld::member, 3}}))
      << "two by their host, and one whose domain is none";
}

TEST_F(WatchedSender, TellsNothingOfWhatIsGivenUp) {
  far.mail_reply = "451 4.3.0 later";
  world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return !world.returns.reports.empty() && world.spool().list().empty(); }, 240h));
  EXPECT_TRUE(tally.counts.empty());
}

}  // namespace
}  // namespace mailpod::queue
