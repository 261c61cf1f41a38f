#include <mailpod/governance/card.hpp>

#include <gtest/gtest.h>

#include "simulation/frozen.hpp"

namespace mailpod::governance {
namespace {

crypto::SigningKey key_of(char octet) {
  static crypto::KeyArena arena;
  return crypto::SigningKey(crypto::Key::copy_of(arena, std::string(crypto::Key::size, octet)));
}

const crypto::SigningKey& pod_key() {
  static const crypto::SigningKey key = key_of('1');
  return key;
}

Card card() {
  const auto key = pod_key().public_key();
  Card card;
  card.pod = "pod.lab";
  card.issued = base::from_seconds(1'767'225'600);
  card.expires = base::from_seconds(1'769'817'600);
  card.hosts = {"mail.pod.lab", "mail2.pod.lab"};
  card.ledger = {ledger_origin("pod.lab"), VerifierKey::Kind::note, key};
  card.witness = {witness_name("pod.lab"), VerifierKey::Kind::cosignature, key};
  card.charter_seq = 3;
  card.charter = {0xab, 0xcd};
  card.message_octets = 52'428'800;
  card.recipients = 100;
  return card;
}

const base::Time now = base::from_seconds(1'767'300'000);

TEST(PodCard, IsReadAsItWasWritten) {
  EXPECT_EQ(parse_card(card().text(), "card").value(), card());
}

TEST(PodCard, IsWhatItWas) {
  const auto note = simulation::frozen("pod-card-1.txt", [] { return sign_card(card(), pod_key()).str(); });
  EXPECT_EQ(note, sign_card(card(), pod_key()).str());
  EXPECT_EQ(verify_card(note, card().ledger, now, "card").value(), card());
}

TEST(PodCard, IsBelievedByThePodsKeyAlone) {
  const auto note = sign_card(card(), pod_key()).str();
  EXPECT_EQ(verify_card(note, card().ledger, now, "card").value(), card());
  auto renamed = card().ledger;
  renamed.name = card_name("pod.lab");
  EXPECT_TRUE(verify_card(note, renamed, now, "card"));
  renamed.name = "other.lab/ledger";
  EXPECT_EQ(verify_card(note, renamed, now, "card").error().code, Errc::wrong_pod);
  const auto other = key_of('2');
  const auto forged = sign_card(card(), other).str();
  EXPECT_EQ(verify_card(forged, card().ledger, now, "card").error().code, Errc::note_unsigned);
  // Whoever writes a card for a name writes it with a key of their own: it is held to the key that one asks for.
  auto stolen = card();
  stolen.ledger.key = stolen.witness.key = other.public_key();
  EXPECT_EQ(verify_card(sign_card(stolen, other).str(), card().ledger, now, "card").error().code, Errc::wrong_pod);
}

TEST(PodCard, IsNotBelievedOnceItWasAltered) {
  auto note = sign_card(card(), pod_key());
  auto altered = card();
  altered.hosts = {"evil.lab"};
  note.text = altered.text();
  EXPECT_EQ(verify_card(note.str(), card().ledger, now, "card").error().code, Errc::signature_invalid);
}

TEST(PodCard, HasItsTime) {
  const auto note = sign_card(card(), pod_key()).str();
  EXPECT_EQ(verify_card(note, card().ledger, card().expires, "card").error().code, Errc::act_expired);
  EXPECT_EQ(verify_card(note, card().ledger, card().issued - std::chrono::hours(25), "card").error().code,
            Errc::act_expired);
}

TEST(PodCard, IsGoodForAMonthAtMost) {
  auto longest = card();
  longest.expires = longest.issued + std::chrono::days(31);
  EXPECT_TRUE(parse_card(longest.text(), "card"));
  longest.expires += std::chrono::seconds(1);
  EXPECT_FALSE(parse_card(longest.text(), "card"));
}

TEST(PodCard, HasOneWritingOnly) {
  const auto text = card().text();
  const auto refused = [](std::string other) { return !parse_card(other, "card").has_value(); };
  const auto with = [&](std::string_view old, std::string_view put) {
    auto other = text;
    other.replace(other.find(old), old.size(), put);
    return other;
  };
  EXPECT_TRUE(refused(text + "\n"));
  EXPECT_TRUE(refused(text.substr(0, text.size() - 1)));
  EXPECT_TRUE(refused(with("mailpod card 1", "mailpod card 2")));
  EXPECT_TRUE(refused(with("charter 3 abcd", "charter 3 ABCD")));
  EXPECT_TRUE(refused(with("charter 3", "charter 03")));
  EXPECT_TRUE(refused(with("issued 1767225600", "issued 1769817600")));
  EXPECT_TRUE(refused(with("host mail.pod.lab\nhost mail2.pod.lab\n", "")));
  EXPECT_TRUE(refused(with("host mail.pod.lab", "host Mail.pod.lab")));
  EXPECT_TRUE(refused(with("federation open", "federation closed")));
  EXPECT_TRUE(refused(with("pod pod.lab", "pod other.lab")));
  EXPECT_TRUE(refused(with("recipients 100\n", "recipients 100\nmore 1\n")));
  std::string hosts;
  for (int i = 0; i < 8; ++i) hosts += "host mail.pod.lab\n";
  EXPECT_TRUE(refused(with("host mail.pod.lab\n", hosts)));
}

}  // namespace
}  // namespace mailpod::governance
