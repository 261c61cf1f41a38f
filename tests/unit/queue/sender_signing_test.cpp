// What the sender does with what its signer says.

#include <system_error>

#include <gtest/gtest.h>

#include <mailpod/queue/sender.hpp>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

class Notary final : public Signer {
public:
  std::string sign(const Entry& entry, const base::OctetSource& message) override {
    asked.push_back(entry.reverse_path);
    seen.push_back(read_all(message));
    if (fails) throw std::system_error(EIO, std::system_category());
    return fields;
  }
  std::string fields = "X-Signature: " + std::string(100, 's') + "\r\n";
  bool fails = false;
  std::vector<std::string> asked;
  std::vector<std::string> seen;
};

class SenderSigning : public testing::Test {
protected:
  SenderSigning() {
    world.add_domain("far.example", far, "198.51.100.1");
    world.signer = &notary;
  }
  Notary notary;
  SendingWorld world;
  FarServer far;
  const std::string message = "Subject: hello\r\n\r\n.a dot\r\n";
};

TEST_F(SenderSigning, PutsTheSignaturesInFrontOfTheMessage) {
  far.offers.emplace_back("SIZE 150");
  world.put({"friend@far.example", "other@far.example"}, message);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(far.mails[0].octets, notary.fields + message);
  EXPECT_EQ(notary.asked, std::vector<std::string>{"alice@pod.example"});
  EXPECT_EQ(notary.seen, std::vector<std::string>{message});
}

TEST_F(SenderSigning, CountsThemAsPartOfTheMessage) {
  far.offers.emplace_back("SIZE 100");
  world.put({"friend@far.example"}, message);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.returns.reports.size() == 1; }, 1min));
  EXPECT_TRUE(far.mails.empty());
  EXPECT_NE(world.returns.reports[0].octets.find("5.3.4"), std::string::npos);
}

TEST_F(SenderSigning, SignsWhatTheServerGets) {
  far.offers.clear();
  world.put({"friend@far.example"}, "Subject: hello\r\nMIME-Version: 1.0\r\n\r\nna\xc3\xafve\r\n");
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_NE(far.mails[0].octets.find("na=C3=AFve"), std::string::npos) << "encoded anew: it takes no 8 bits";
  ASSERT_EQ(notary.seen.size(), 1U);
  EXPECT_EQ(far.mails[0].octets, notary.fields + notary.seen[0]);
}

TEST_F(SenderSigning, SignsAnewAtEachAttempt) {
  far.last_reply = "451 4.3.0 later";
  world.put({"friend@far.example"}, message);
  world.start();
  ASSERT_TRUE(world.until([&] { return notary.asked.size() == 1; }, 1min));
  notary.fields = "X-Signature: another\r\n";
  far.last_reply = "250 2.0.0 taken";
  ASSERT_TRUE(world.until_empty());
  EXPECT_EQ(notary.asked.size(), 2U);
  EXPECT_EQ(far.mails.back().octets, "X-Signature: another\r\n" + message);
}

TEST_F(SenderSigning, ReturnsTheMessageAsItWasSubmitted) {
  far.last_reply = "550 5.7.1 no";
  world.put({"friend@far.example"}, message);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.returns.reports.size() == 1; }, 1min));
  EXPECT_EQ(world.returns.reports[0].octets.find("X-Signature"), std::string::npos);
}

TEST_F(SenderSigning, KeepsAMessageThatCannotBeReadForSigning) {
  notary.fails = true;
  const EntryId id = world.put({"friend@far.example"}, message);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 1min));
  EXPECT_EQ(world.show(id).recipients[0].state, RecipientState::pending);
  EXPECT_TRUE(world.show(id).recipients[0].last_reply.starts_with("451 4.3.0 the message cannot be read"));
  notary.fails = false;
  ASSERT_TRUE(world.until_empty());
  EXPECT_EQ(far.copies_for("friend@far.example"), 1U);
}

}  // namespace
}  // namespace mailpod::queue
