// Mail that is handed out and taken in at the desk, question by question.

#include <gmock/gmock.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/base64.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

class MailAtTheDesk : public MembersDesk {
protected:
  void begin(const std::string& with) {
    const auto begun = ask("vault.begin", {{"what", "mail"}, {"member", "alice"}, {"secret", with}});
    errand = begun.at("answer").at("errand").get<std::string>();
  }

  /// What vault.ask says in the end: `answer` or `reply`.
  json word(const json& question) {
    json arguments{{"errand", errand}, {"question", question}};
    for (;;) {
      auto said = ask("vault.ask", arguments);
      if (said.contains("complaint")) return said;
      if (!said.at("answer").at("answer").is_null() || !said.at("answer").at("reply").is_null())
        return said.at("answer");
      arguments.erase("question");
    }
  }
  json answer(const json& question) { return word(question).at("answer"); }

  std::uint32_t mailbox(const std::string& name, const std::string& use = "") {
    return answer({{"what", "make"}, {"name", name}, {"use", use}, {"subscribed", true}}).at("mailbox");
  }
  static json message(const std::string& octets, std::uint32_t date, const json& flags = json::array()) {
    return {{"octets", text::write_base64(octets)}, {"date", date}, {"flags", flags}};
  }
  static json known_as(const std::string& octets, std::uint32_t date) {
    return json::array({base::hex(base::octets(crypto::sha256(octets))), octets.size(), date});
  }
  json add(std::uint32_t id, const json& messages) {
    return answer({{"what", "add"}, {"mailbox", id}, {"messages", messages}});
  }
  json have(std::uint32_t id, const json& messages) {
    return answer({{"what", "have"}, {"mailbox", id}, {"messages", messages}}).at("have");
  }

  std::string errand;
};

const std::string one = "Subject: one\r\n\r\none\r\n";
const std::string two = "Subject: two\r\n\r\ntwo\r\n";

TEST_F(MailAtTheDesk, WhatIsTakenIsListedAndReadAsItCame) {
  begin(secret);
  const auto box = mailbox("Work/Old");
  EXPECT_EQ(mailbox("Work/Old"), box);
  const auto added = add(box, json::array({message(one, 1'600'000'000, {"\\Seen", "Blue", "no keyword"}),
                                           message(two, 1'600'000'001), message("", 5), message("a\0b", 5)}));
  EXPECT_EQ(added.at("faults")[0], "");
  EXPECT_EQ(added.at("faults")[1], "");
  EXPECT_NE(added.at("faults")[2], "");
  EXPECT_EQ(added.at("left_out"), json::array({"no keyword"}));
  const auto listed = answer({{"what", "messages"}, {"mailbox", box}, {"after", 0}});
  EXPECT_FALSE(listed.at("more").get<bool>());
  const json first = json::array({1, one.size(), 1'600'000'000, json::array({"\\Seen", "Blue"})});
  EXPECT_EQ(listed.at("messages")[0], first);
  const auto read = answer({{"what", "read"}, {"mailbox", box}, {"uids", {1, 2, 7}}, {"offset", 0}}).at("pieces");
  EXPECT_EQ(text::parse_base64(read[0].at("octets").get<std::string>()), one);
  EXPECT_EQ(text::parse_base64(read[1].at("octets").get<std::string>()), two);
  const auto part = answer({{"what", "read"}, {"mailbox", box}, {"uids", {1}}, {"offset", 5}}).at("pieces");
  EXPECT_EQ(text::parse_base64(part[0].at("octets").get<std::string>()), one.substr(5));
  const auto ended = word({{"what", "end"}});
  EXPECT_EQ(ended.at("reply").at("answer").at("address"), "alice@pod.lab");
  EXPECT_EQ(done("verify", {{"secret", secret}}).at("answer").at("faults").size(), 0U);
}

TEST_F(MailAtTheDesk, TheVaultItselfKnowsWhatIsThere) {
  begin(secret);
  const auto box = mailbox("INBOX");
  EXPECT_EQ(have(box, json::array({known_as(one, 7)})), json::array({false}));
  add(box, json::array({message(one, 7)}));
  const json asked = json::array({known_as(one, 7), known_as(one, 8), known_as(two, 7)});
  EXPECT_EQ(have(box, asked), json::array({true, false, false}));
  EXPECT_EQ(have(mailbox("Other"), asked), json::array({false, false, false}));
  word({{"what", "end"}});
  begin(secret);
  EXPECT_EQ(have(box, asked), json::array({true, false, false})) << "and knows it later";
}

TEST_F(MailAtTheDesk, ALargeMessageComesAndGoesInPieces) {
  begin(secret);
  const auto box = mailbox("INBOX");
  std::string large = "Subject: large\r\n\r\n";
  while (large.size() < 2'000'000)
    large += "a line of some length that is not all the same " + std::to_string(large.size()) + "\r\n";
  for (std::size_t at = 0; at < large.size(); at += 500'000) {
    const auto piece = text::write_base64(std::string_view(large).substr(at, 500'000));
    EXPECT_FALSE(answer({{"what", "spool"}, {"octets", piece}, {"fresh", at == 0}}).contains("fault"));
  }
  const json spooled{{"spooled", true}, {"date", 7}, {"flags", json::array()}};
  EXPECT_EQ(add(box, json::array({spooled})).at("faults"), json::array({""}));
  std::string read;
  while (read.size() < large.size()) {
    const auto piece =
        answer({{"what", "read"}, {"mailbox", box}, {"uids", {1}}, {"offset", read.size()}}).at("pieces")[0];
    const auto octets = text::parse_base64(piece.at("octets").get<std::string>()).value();
    EXPECT_LE(octets.size(), 768U * 1024);
    read += octets;
  }
  EXPECT_EQ(read, large);
}

TEST_F(MailAtTheDesk, AMailboxOfTheSameUseIsTheOne) {
  begin(secret);
  const auto sent = mailbox("Sent");
  EXPECT_EQ(mailbox("Gesendet", "sent"), sent);
  EXPECT_NE(mailbox("Gesendet"), sent);
  EXPECT_TRUE(answer({{"what", "make"}, {"name", "a//b"}, {"use", ""}, {"subscribed", true}}).contains("fault"));
}

TEST_F(MailAtTheDesk, KeywordsBeyondTheRoomForThemAreLeftOut) {
  begin(secret);
  json flags = json::array();
  for (int i = 0; i < 30; ++i) flags.push_back("k" + std::to_string(i));
  const auto added = add(mailbox("INBOX"), json::array({message(one, 7, flags)}));
  EXPECT_EQ(added.at("faults"), json::array({""}));
  EXPECT_EQ(added.at("left_out"), json::array({"k27", "k28", "k29"}));
}

TEST_F(MailAtTheDesk, WithoutASecretNothingIsAnswered) {
  EXPECT_TRUE(ask("vault.begin", {{"what", "mail"}, {"member", "alice"}}).contains("complaint"));
  begin("wrong wrong wrong");
  EXPECT_TRUE(word({{"what", "mailboxes"}}).at("reply").contains("complaint"));
  EXPECT_TRUE(ask("vault.ask", {{"errand", errand}}).contains("complaint"));
}

TEST_F(MailAtTheDesk, AQuestionOfNoKindEndsTheErrand) {
  begin(secret);
  EXPECT_TRUE(word({{"what", "everything"}}).at("reply").contains("complaint"));
  begin(secret);
  EXPECT_TRUE(word({{"what", "have"}, {"mailbox", 1}, {"messages", {{1}}}}).at("reply").contains("complaint"));
}

}  // namespace
}  // namespace mailpod::daemon
