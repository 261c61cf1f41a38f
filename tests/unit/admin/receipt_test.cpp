#include "receipt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/crypto/minisign.hpp>

#include "simulation/entropy.hpp"

/// What somebody who left takes along.
namespace mailpod::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

struct ReceiptTest : testing::Test {
  ReceiptTest() {
    departure.member.bytes.fill(0x11);
    departure.at = base::from_seconds(1'800'000'000);
    departure.slots = 3;
    departure.messages = 4;
    departure.octets = 5;
  }
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::SigningKey pod_key = crypto::SigningKey::random(arena, entropy);
  members::Departure departure;
};

TEST_F(ReceiptTest, IsSignedByThePodsKey) {
  const auto receipt = write_receipt(departure, "pod.lab", "", pod_key);
  const auto key = crypto::minisign::parse_public_key(receipt.public_key).value();
  EXPECT_EQ(key.key, pod_key.public_key());
  const auto signature = crypto::minisign::parse_signature(receipt.signature).value();
  EXPECT_TRUE(crypto::minisign::verify(key, receipt.text, signature));
  EXPECT_FALSE(crypto::minisign::verify(key, receipt.text + " ", signature));
  EXPECT_THAT(signature.trusted_comment, HasSubstr("pod=pod.lab member=" + departure.member.str()));
  EXPECT_THAT(receipt.text, HasSubstr(receipt.public_key));
}

TEST_F(ReceiptTest, SaysWhatWasDestroyedAndWhatCopiesMayBeLeft) {
  const auto text = write_receipt(departure, "pod.lab", "", pod_key).text;
  EXPECT_THAT(text, HasSubstr("When:       2027-01-15T08:00:00Z"));
  EXPECT_THAT(text, HasSubstr("their own wish"));
  EXPECT_THAT(text, HasSubstr("3 key slots"));
  EXPECT_THAT(text, HasSubstr("4 sealed messages, 5 octets"));
  EXPECT_THAT(text, HasSubstr("Backups and snapshots of the pod's folder made before 2027-01-15T08:00:00Z"));
  EXPECT_THAT(text, HasSubstr("until 2027-02-14T08:00:00Z"));
  EXPECT_THAT(text, Not(HasSubstr("Address:")));
}

TEST_F(ReceiptTest, NamesTheAddressOnlyWhereThatIsAskedFor) {
  departure.reason = members::Departure::Reason::act;
  departure.act.fill(0xab);
  const auto text = write_receipt(departure, "pod.lab", "alice@pod.lab", pod_key).text;
  EXPECT_THAT(text, HasSubstr("Address:    alice@pod.lab\n"));
  EXPECT_THAT(text, HasSubstr("expelled, by the act abab"));
}

}  // namespace
}  // namespace mailpod::admin
