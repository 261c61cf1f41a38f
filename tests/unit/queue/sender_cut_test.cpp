#include <mailpod/queue/sender.hpp>

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "sending_world.hpp"

/// The first connection breaks after each octet of the dialogue in turn, whoever writes it.
namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using simulation::Cut;

struct Dialogue {
  std::string name;
  std::function<void(FarServer&)> prepare;
  std::vector<std::vector<std::string>> mails;
  std::size_t refused = 0;  ///< recipients, each in a mail of its own

  friend std::ostream& operator<<(std::ostream& out, const Dialogue& dialogue) { return out << dialogue.name; }
};

const std::string message = "Subject: hello\r\n\r\n.a dot\r\n..\r\nworld\r\n";

/// What was seen of one dialogue, cut or not.
struct Told {
  std::map<std::string, std::size_t> copies;
  std::vector<Mailroom::Report> reports;
  std::size_t connections = 0;
  std::uint64_t octets = 0;  ///< of the newest connection
  bool empty = false;
};

Told tell(const Dialogue& dialogue, std::optional<std::uint64_t> cut_at, Cut how) {
  SendingWorld world;
  FarServer far;
  dialogue.prepare(far);
  world.settings.connections_per_destination = 1;
  world.add_domain("far.example", far, "198.51.100.1");
  for (const auto& recipients : dialogue.mails) world.put(recipients, message);
  if (cut_at) world.network.cut_next(*cut_at, how);
  world.start();
  Told told;
  told.empty = world.until_empty();
  for (const auto& recipients : dialogue.mails) {
    for (const auto& address : recipients) told.copies[address] = far.copies_for(address);
  }
  for (const auto& mail : far.mails) EXPECT_EQ(mail.octets, message);
  told.reports = std::move(world.returns.reports);
  told.connections = far.sessions;
  for (const auto& piece : world.network.newest().pieces) told.octets += piece.octets.size();
  EXPECT_TRUE(world.network.failures().empty());
  return told;
}

class SenderCut : public testing::TestWithParam<std::tuple<Dialogue, Cut>> {};

TEST_P(SenderCut, AtAnyOctetLosesNobodyAndRepeatsOnlyWhatWasTakenAndNotAnswered) {
  const auto& [dialogue, how] = GetParam();
  const Told whole = tell(dialogue, std::nullopt, how);
  ASSERT_EQ(whole.connections, 1U);
  std::size_t repeated = 0;
  std::size_t tried_again = 0;
  for (std::uint64_t octet = 0; octet < whole.octets; ++octet) {
    const Told told = tell(dialogue, octet, how);
    ASSERT_TRUE(told.empty) << "cut after " << octet;
    bool twice = false;
    for (const auto& [address, usual] : whole.copies) {
      const std::size_t copies = told.copies.at(address);
      EXPECT_GE(copies, usual) << address << " is lost, cut after " << octet;
      EXPECT_LE(copies, 2 * usual) << address << ", cut after " << octet;
      twice |= copies > usual;
    }
    EXPECT_EQ(told.reports.size(), dialogue.refused) << "cut after " << octet;
    for (const auto& report : told.reports) {
      EXPECT_NE(report.octets.find("gone@far.example"), std::string::npos);
      EXPECT_EQ(report.octets.find("a@far.example"), std::string::npos) << "who was served is reported as lost";
    }
    repeated += twice ? 1 : 0;
    tried_again += told.connections > 1 ? 1 : 0;
    if (HasFailure()) return;
  }
  // Between the dot and the last octet of its answer, and nowhere else. RFC 5321 §4.5.3.2.6
  const std::size_t answer = FarServer().last_reply.size() + std::string("\r\n").size();
  EXPECT_EQ(repeated, answer * dialogue.mails.size());
  EXPECT_GT(tried_again, 100U);
}

void offer_nothing(FarServer& far) {
  far.offers.clear();
}
void offer_pipelining(FarServer&) {}
void offer_tls(FarServer& far) {
  far.offers.emplace_back("STARTTLS");
}
void refuse_one(FarServer& far) {
  far.rcpt_replies["gone@far.example"] = "550 5.1.1 no such mailbox";
}
void refuse_one_in_turn(FarServer& far) {
  offer_nothing(far);
  refuse_one(far);
}

INSTANTIATE_TEST_SUITE_P(
    Dialogues, SenderCut,
    testing::Combine(
        testing::Values(Dialogue{"InTurn", offer_nothing, {{"a@far.example"}}},
                        Dialogue{"Pipelined", offer_pipelining, {{"a@far.example"}}},
                        Dialogue{"UnderTls", offer_tls, {{"a@far.example"}}},
                        Dialogue{"OneOfTwoIsRefused", refuse_one, {{"a@far.example", "gone@far.example"}}, 1},
                        Dialogue{"OneOfThreeIsRefusedInTurn",
                                 refuse_one_in_turn,
                                 {{"a@far.example", "gone@far.example", "b@far.example"}},
                                 1},
                        Dialogue{
                            "TwoMessagesOnOneConnection", offer_pipelining, {{"a@far.example"}, {"b@far.example"}}}),
        testing::Values(Cut::resets, Cut::ends, Cut::falls_silent)),
    [](const auto& info) {
      const Cut how = std::get<Cut>(info.param);
      const char* const words = how == Cut::resets ? "Reset" : how == Cut::ends ? "Closed" : "Silent";
      return std::get<Dialogue>(info.param).name + words;
    });

}  // namespace
}  // namespace mailpod::queue
