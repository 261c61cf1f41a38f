#include <mailpod/delivery/post_office.hpp>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>

#include "pod_world.hpp"

namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

const Mailbox outsider{"smith", "client.example"};
const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

constexpr std::string_view from_outside = "From: Smith <smith@client.example>\r\nSubject: hello\r\n\r\ncanary-body\r\n";
constexpr std::string_view from_alice = "From: Alice <alice@pod.lab>\r\nSubject: hello\r\n\r\ncanary-body\r\n";

class PostOfficeTest : public testing::Test {
protected:
  PostOfficeTest() {
    world.name_maintainer("alice");
    world.found(disk, {"alice", "bob", "carol"});
    pod = std::make_unique<RunningPod>(world, disk);
  }
  std::vector<std::string> inbox(const std::string& name) {
    const auto copy = disk.clean_copy();
    return world.inbox(*copy, name);
  }
  Answer from_outside_to(const std::vector<Mailbox>& to, std::string_view octets = from_outside) {
    return pod->send(RunningPod::outside(), outsider, to, octets);
  }
  Answer from_alice_to(const std::vector<Mailbox>& to, std::string_view octets = from_alice) {
    return pod->send(pod->member("alice"), alice, to, octets);
  }

  simulation::Disk disk;
  PodWorld world;
  std::unique_ptr<RunningPod> pod;
};

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST_F(PostOfficeTest, PutsMailFromOutsideIntoTheVaultWithItsTraceFields) {
  ASSERT_TRUE(from_outside_to({bob}).ok());
  const auto messages = inbox("bob");
  ASSERT_EQ(messages.size(), 1U);
  const std::string& message = messages[0];
  EXPECT_TRUE(
      message.starts_with("Return-Path: <smith@client.example>\r\nDelivered-To: bob@pod.lab\r\nReceived: from "
                          "client.example"))
      << message;
  EXPECT_TRUE(message.ends_with(from_outside)) << message;
  EXPECT_EQ(count(message, "Received: "), 1U);
  EXPECT_NE(message.find("192.0.2.1"), std::string::npos);
  EXPECT_NE(message.find("by mail.pod.lab"), std::string::npos);
  EXPECT_NE(message.find("for <bob@pod.lab>"), std::string::npos);
  EXPECT_EQ(pod->vaults.told, std::vector{world.id_of("bob")});
}

TEST_F(PostOfficeTest, KeepsStructureThatFitsTheOctetsItKeeps) {
  const std::string mixed =
      "From: s@client.example\r\nDelivered-To: old@client.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\n\r\nfirst part\r\n--b\r\nContent-Type: text/html\r\n\r\nsecond part\r\n--b--\r\n";
  ASSERT_TRUE(from_outside_to({alice, {"bob.second", "second.lab"}}, mixed).ok());
  for (const auto* name : {"alice", "bob"}) {
    const auto copy = disk.clean_copy();
    const auto vault = world.open_vault(*copy, name);
    while (vault->merge()) {
    }
    const auto& state = vault->state()->find("INBOX")->at(store::SeqNum{1});
    const auto structure = vault->structure(state).value();
    const auto message = vault->open_message(state).value();
    std::string octets(static_cast<std::size_t>(message->size()), '\0');
    octets.resize(message->read_at(0, octets));
    EXPECT_EQ(*structure, message::scan(octets)) << name;
    const std::uint32_t second[] = {2};
    const auto range = message::range_for(*structure, second, message::SectionText::content).value();
    EXPECT_EQ(octets.substr(range.begin, range.size()), "second part");
  }
}

TEST_F(PostOfficeTest, GivesEachRecipientACopyOfTheirOwnThatNamesNoOther) {
  ASSERT_TRUE(from_outside_to({alice, bob}).ok());
  for (const auto* name : {"alice", "bob"}) {
    const std::string other = name == std::string("alice") ? "bob" : "alice";
    const auto messages = inbox(name);
    ASSERT_EQ(messages.size(), 1U) << name;
    EXPECT_NE(messages[0].find("Delivered-To: " + std::string(name) + "@pod.lab"), std::string::npos);
    EXPECT_EQ(messages[0].find(other), std::string::npos) << messages[0];
  }
  EXPECT_EQ(pod->vaults.told.size(), 2U);
}

TEST_F(PostOfficeTest, GivesAMemberWhoIsNamedTwiceOneCopy) {
  ASSERT_TRUE(from_outside_to({bob, {"BOB", "pod.lab"}, {"bob.second", "second.lab"}, {"postmaster", ""}, alice}).ok());
  EXPECT_EQ(inbox("bob").size(), 1U);
  ASSERT_EQ(inbox("alice").size(), 1U);
  EXPECT_NE(inbox("alice")[0].find("Delivered-To: postmaster@pod.lab"), std::string::npos);
}

TEST_F(PostOfficeTest, KnowsWhomItServesAndNeverRelays) {
  struct Row {
    Mailbox to;
    smtp::Errc outside, submission;
  };
  using E = smtp::Errc;
  const Row rows[] = {
      {{"nobody", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"alice", "other.example"}, E::not_local, E::remote_not_served},
      {{"victim%other.example", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"other.example!victim", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"victim@other.example", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"alice@pod.lab", "other.example"}, E::not_local, E::remote_not_served},
      {{"alice", "pod.lab.other.example"}, E::not_local, E::remote_not_served},
      {{"alice", "lab"}, E::not_local, E::remote_not_served},
      {{"alice", "sub.pod.lab"}, E::not_local, E::remote_not_served},
      {{"alice", "[127.0.0.1]"}, E::not_local, E::remote_not_served},
      {{"alice", "localhost"}, E::not_local, E::remote_not_served},
      {{"nobody+tag", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"../alice", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"|id", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"alice ", "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{std::string("alice\0x", 7), "pod.lab"}, E::no_such_mailbox, E::no_such_mailbox},
      {{"alice", "second.lab"}, E::no_such_mailbox, E::no_such_mailbox},
  };
  RunningPod silent(world, disk, RunningPod::small_settings(), Sends::no);
  for (const Row& row : rows) {
    const std::string what = row.to.local_part + "@" + row.to.domain;
    EXPECT_EQ(from_outside_to({row.to}).refused, row.outside) << what;
    EXPECT_EQ(silent.send(silent.member("alice"), alice, {row.to}, from_alice).refused, row.submission) << what;
    const bool remote = row.submission == E::remote_not_served;
    EXPECT_EQ(from_alice_to({row.to}).ok(), remote) << what;
  }
  EXPECT_EQ(silent.looked_at.size(), 0U);
  // Claiming to be one of us does not help.
  EXPECT_EQ(pod->send(RunningPod::outside(), alice, {{"victim", "other.example"}}, from_alice).refused, E::not_local);
  for (const auto* name : {"alice", "bob", "carol"}) EXPECT_TRUE(inbox(name).empty());
}

TEST_F(PostOfficeTest, BringsRoleMailToTheMaintainers) {
  for (const Mailbox& role :
       {Mailbox{"postmaster", ""}, Mailbox{"PostMaster", "pod.lab"}, Mailbox{"abuse", "second.lab"}}) {
    EXPECT_TRUE(from_outside_to({role}).ok()) << role.local_part;
  }
  EXPECT_EQ(inbox("alice").size(), 3U);
}

TEST(PostOfficeWithoutAReader, AsksTheSenderOfRoleMailToWait) {
  simulation::Disk disk;
  PodWorld world;
  world.found(disk, {"alice"});
  RunningPod pod(world, disk);
  EXPECT_EQ(pod.send(RunningPod::outside(), outsider, {{"postmaster", ""}}, from_outside).refused,
            smtp::Errc::mailbox_unavailable);
}

TEST_F(PostOfficeTest, RefusesForNowMailForTheSuspended) {
  world.suspend(*pod->registry, "bob");
  EXPECT_EQ(from_outside_to({bob}).refused, smtp::Errc::mailbox_suspended);
  EXPECT_EQ(pod->send(pod->member("bob"), bob, {alice}, "From: bob@pod.lab\r\n\r\n").refused,
            smtp::Errc::may_not_submit);
  EXPECT_TRUE(from_outside_to({alice}).ok());
}

class Standing final : public sasl::Standing {
public:
  bool holds() const override { return !revoked; }
  std::shared_ptr<void> watch(std::function<void()>) const override { return nullptr; }
  bool revoked = false;
};

TEST_F(PostOfficeTest, TakesNothingMoreFromASessionWhoseSecretWasRevoked) {
  const auto standing = std::make_shared<Standing>();
  auto peer = pod->member("bob");
  peer.login->standing = standing;
  EXPECT_TRUE(pod->send(peer, bob, {alice}, "From: bob@pod.lab\r\n\r\n").ok());
  standing->revoked = true;
  EXPECT_EQ(pod->send(peer, bob, {alice}, "From: bob@pod.lab\r\n\r\n").refused, smtp::Errc::may_not_submit);
}

TEST_F(PostOfficeTest, RefusesAtTheDotWhatWasBegunBeforeTheSecretWasRevoked) {
  const auto standing = std::make_shared<Standing>();
  auto peer = pod->member("bob");
  peer.login->standing = standing;
  auto letter = run(pod->office->begin(peer, bob, {alice}, {})).value();
  ASSERT_TRUE(run(letter->write("From: bob@pod.lab\r\n\r\n")));
  standing->revoked = true;
  EXPECT_EQ(run(letter->accept()).error(), smtp::Errc::may_not_submit);
  EXPECT_TRUE(inbox("alice").empty());
}

TEST_F(PostOfficeTest, RefusesMailForWhoIsInTheDirectoryButNotAdmitted) {
  members::Person person;
  person.id = world.id_of("mallory");
  person.progress = members::Person::Progress::enrolled;
  person.addresses = {members::Address::parse("mallory@pod.lab").value()};
  ASSERT_TRUE(pod->directory->put({&person, 1}));
  EXPECT_EQ(from_outside_to({{"mallory", "pod.lab"}}).refused, smtp::Errc::no_such_mailbox);
  EXPECT_EQ(pod->send(pod->member("mallory"), {"mallory", "pod.lab"}, {bob}, "From: mallory@pod.lab\r\n\r\n").refused,
            smtp::Errc::may_not_submit);
}

TEST_F(PostOfficeTest, LetsAMemberSendOnlyAsThemselves) {
  EXPECT_EQ(pod->send(pod->member("alice"), bob, {bob}, from_alice).refused, smtp::Errc::sender_not_yours);
  EXPECT_EQ(pod->send(pod->member("alice"), outsider, {bob}, from_alice).refused, smtp::Errc::sender_not_yours);
  EXPECT_EQ(from_alice_to({bob}, from_outside).refused, smtp::Errc::sender_not_yours);
  EXPECT_EQ(from_alice_to({bob}, "From: Alice <bob@pod.lab>\r\n\r\n").refused, smtp::Errc::sender_not_yours);
  EXPECT_TRUE(inbox("bob").empty());

  EXPECT_TRUE(from_alice_to({bob}).ok());
  EXPECT_TRUE(pod->send(pod->member("alice"), {}, {bob}, from_alice).ok());
  EXPECT_TRUE(
      pod->send(pod->member("alice"), {"alice.second", "second.lab"}, {bob}, "From: ALICE@POD.LAB\r\n\r\n").ok());
}

TEST_F(PostOfficeTest, LetsNobodySendWithoutTheRight) {
  smtp::Peer peer = pod->member("alice");
  peer.login->scopes = static_cast<sasl::Scopes>(sasl::Scope::imap);
  EXPECT_EQ(pod->send(peer, alice, {bob}, from_alice).refused, smtp::Errc::may_not_submit);
  peer.login.reset();
  EXPECT_EQ(pod->send(peer, alice, {bob}, from_alice).refused, smtp::Errc::may_not_submit);
}

TEST_F(PostOfficeTest, WantsExactlyOneValidFromOfAMember) {
  const std::string_view bad[] = {
      "Subject: none\r\n\r\n",
      "From:\r\n\r\n",
      "From: alice@pod.lab\r\nFrom: alice@pod.lab\r\n\r\n",
      "From: alice@pod.lab\r\nfrom : mallory@evil.example\r\n\r\n",
      "From: alice@pod.lab, mallory@evil.example\r\n\r\n",
      "From: friends: alice@pod.lab;\r\n\r\n",
      "From: alice\r\n\r\n",
      "From: <alice@pod.lab> <mallory@evil.example>\r\n\r\n",
      "From: alice@pod.lab <\r\n\r\n",
      "\r\nFrom: alice@pod.lab\r\n",
      "From: alice@pod.lab\r\nFROM:\r\n mallory@evil.example\r\n\r\n",
  };
  for (const auto octets : bad) {
    EXPECT_EQ(from_alice_to({bob}, octets).refused, smtp::Errc::from_malformed) << octets;
  }
  EXPECT_EQ(from_alice_to({bob}, "From: \"alice@pod.lab\" <mallory@evil.example>\r\n\r\n").refused,
            smtp::Errc::sender_not_yours);
  EXPECT_TRUE(inbox("bob").empty());
  EXPECT_TRUE(from_alice_to({bob}, "From:\r\n =?utf-8?q?Alice?= (me)\r\n <alice@pod.lab>\r\n\r\n").ok());
}

TEST_F(PostOfficeTest, DemandsOneAuthorFromOutsideToo) {
  EXPECT_EQ(from_outside_to({bob}, "From: a@b.example\r\nFrom: alice@pod.lab\r\n\r\n").refused,
            smtp::Errc::from_malformed);
  constexpr std::string_view without = "Subject: a daemon without manners\r\n\r\n";
  EXPECT_EQ(from_outside_to({bob}, without).refused, smtp::Errc::from_malformed);
  auto neighbour = RunningPod::outside();
  neighbour.role = smtp::Role::lmtp;
  EXPECT_TRUE(pod->send(neighbour, outsider, {bob}, without).ok()) << "a server of this machine has taken it already";
}

TEST_F(PostOfficeTest, CompletesAMembersMessageAndTellsNothingOfWhereTheyAre) {
  const std::string octets =
      "From: alice@pod.lab\r\nTo: bob@pod.lab\r\nBcc: carol@pod.lab\r\nbcc: x@pod.lab\r\n"
      "Sender: mallory@evil.example\r\n\r\nhi\r\n";
  ASSERT_TRUE(from_alice_to({bob, {"carol", "pod.lab"}}, octets).ok());
  for (const auto* name : {"bob", "carol"}) {
    const std::string message = inbox(name).at(0);
    EXPECT_EQ(count(message, "\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n") +
                  count(message, "\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n"),
              1U)
        << message;
    EXPECT_EQ(count(message, "\r\nMessage-ID: <"), 1U);
    EXPECT_EQ(count(message, "@pod.lab>\r\n"), 2U) << message;  // Return-Path and Message-ID
    EXPECT_EQ(count(message, "cc:"), 0U) << message;
    EXPECT_EQ(count(message, "Sender"), 0U);
    EXPECT_EQ(count(message, "192.0.2.1"), 0U);
    EXPECT_EQ(count(message, "client.example"), 0U);
    EXPECT_EQ(count(message, "ESMTPSA"), 1U);
  }
}

TEST_F(PostOfficeTest, KeepsAMembersOwnDateAndMessageId) {
  ASSERT_TRUE(from_alice_to({bob},
                            "From: alice@pod.lab\r\nDate: Mon, 23 Nov 2026 13:32:00 +0000\r\n"
                            "Message-Id: <x@laptop>\r\n\r\n")
                  .ok());
  const std::string message = inbox("bob").at(0);
  EXPECT_EQ(count(message, "Date: Mon, 23 Nov"), 1U);
  EXPECT_EQ(count(message, "essage-I"), 1U);
}

TEST_F(PostOfficeTest, RemovesWhatOnlyWeMaySay) {
  ASSERT_TRUE(from_outside_to({bob},
                              "Return-Path: <forged@evil.example>\r\nDelivered-To: forged@evil.example\r\n"
                              "Authentication-Results: mail.pod.lab; dkim=pass\r\n"
                              "Authentication-Results: elsewhere.example; dkim=pass\r\n"
                              "From: smith@client.example\r\n\r\n")
                  .ok());
  const std::string message = inbox("bob").at(0);
  EXPECT_EQ(count(message, "forged"), 0U) << message;
  EXPECT_EQ(count(message, "Return-Path:"), 1U);
  EXPECT_EQ(count(message, "Delivered-To:"), 1U);
  EXPECT_EQ(count(message, "mail.pod.lab; dkim=pass"), 0U);
  EXPECT_EQ(count(message, "elsewhere.example; dkim=pass"), 1U);
}

TEST_F(PostOfficeTest, EndsLoops) {
  std::string circling = "From: a@b.example\r\n";
  for (int i = 0; i < 100; ++i) circling = "Received: from a by b; Mon, 23 Nov 2026 13:32:00 +0000\r\n" + circling;
  EXPECT_TRUE(from_outside_to({bob}, circling + "\r\n").ok());
  circling = "Received: from a by b; Mon, 23 Nov 2026 13:32:00 +0000\r\n" + circling;
  EXPECT_EQ(from_outside_to({bob}, circling + "\r\n").refused, smtp::Errc::too_many_hops);
  EXPECT_EQ(from_outside_to({bob}, "Delivered-To: Bob@pod.lab\r\nFrom: a@b.example\r\n\r\n").refused,
            smtp::Errc::too_many_hops);
  EXPECT_TRUE(from_outside_to({bob}, "Delivered-To: carol@pod.lab\r\nFrom: a@b.example\r\n\r\n").ok());
}

TEST_F(PostOfficeTest, TakesABounceWithTheNullPath) {
  ASSERT_TRUE(pod->send(RunningPod::outside(), {}, {bob}, from_outside).ok());
  EXPECT_TRUE(inbox("bob").at(0).starts_with("Return-Path: <>\r\n"));
}

TEST_F(PostOfficeTest, QuotesInTraceFieldsWhatMustBeQuoted) {
  ASSERT_TRUE(pod->send(RunningPod::outside(), {"john \"doe\"", "client.example"}, {bob}, from_outside).ok());
  EXPECT_TRUE(inbox("bob").at(0).starts_with("Return-Path: <\"john \\\"doe\\\"\"@client.example>\r\n"))
      << inbox("bob")[0];
}

TEST_F(PostOfficeTest, KeepsALargeMessageExactly) {
  std::string octets(from_outside);
  while (octets.size() < 500'000) octets += "line " + std::to_string(octets.size()) + "\r\n";
  ASSERT_TRUE(from_outside_to({bob, alice}, octets).ok());
  EXPECT_TRUE(inbox("bob").at(0).ends_with(octets));
  EXPECT_TRUE(inbox("alice").at(0).ends_with(octets));
  // The same letter without a second line of its own.
  EXPECT_TRUE(from_outside_to({bob}, "From: a@b.example").ok());
}

TEST_F(PostOfficeTest, RefusesWhatIsTooBig) {
  EXPECT_EQ(from_outside_to({bob}, std::string(2 << 20, 'x')).refused, smtp::Errc::too_big);
  auto settings = RunningPod::small_settings();
  settings.header = 10'000;
  RunningPod strict(world, disk, settings);
  std::string header = "From: a@b.example\r\n";
  while (header.size() < 20'000) header += "X-Filler: " + std::to_string(header.size()) + "\r\n";
  EXPECT_EQ(strict.send(RunningPod::outside(), outsider, {bob}, header + "\r\nbody\r\n").refused, smtp::Errc::too_big);
  EXPECT_EQ(strict
                .send(RunningPod::outside(), outsider, {bob},
                      "From: a@b.example\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
                .refused,
            smtp::Errc::too_big);
  EXPECT_TRUE(inbox("bob").empty());
}

TEST_F(PostOfficeTest, LeavesNoWordOfItInThePodsFolder) {
  const std::string octets =
      "From: Canary <canary-sender@client.example>\r\nSubject: canary-subject\r\n\r\ncanary-body\r\n" +
      std::string(200'000, 'c') + "\r\n";
  ASSERT_TRUE(pod->send(RunningPod::outside(), {"canary-sender", "client.example"}, {bob, alice}, octets).ok());
  std::size_t searched = 0;
  for (const auto& path : disk.files()) {
    const std::string file = base::read_file(disk, path, 1 << 30);
    searched += file.size();
    for (const auto* canary : {"canary", "alice@", "bob@", "cccccccc"}) {
      EXPECT_EQ(file.find(canary), std::string::npos) << canary << " in " << path;
      EXPECT_EQ(path.find(canary), std::string::npos);
    }
  }
  EXPECT_GT(searched, 400'000U);
}

}  // namespace
}  // namespace mailpod::delivery
