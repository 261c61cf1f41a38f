#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/sasl/scram.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/base64.hpp>

#include "app_password.hpp"
#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

using sasl::Scope;
using sasl::ScramExchange;

/// The client's side of SCRAM, by the password's own keys.
struct Client {
  std::string name, password;

  /// What the pod answers, and whether the client believes it.
  Result<sasl::ScramLogin> log_in(Pod& pod, Scope wanted = Scope::imap) const {
    ScramExchange exchange(ScramExchange::Variant::bare, {});
    const std::string bare = "n=" + name + ",r=clientnonce";
    EXPECT_TRUE(exchange.take_first("n,," + bare));
    const auto challenge = pod.keys->challenge(exchange.authentication_id());
    const auto server_first = exchange.server_first(challenge);
    const std::string without_proof = "c=biws,r=clientnonce" + challenge.nonce;
    const auto auth_message = bare + "," + server_first + "," + without_proof;
    const auto keys = sasl::scram::derive(pod.community.arena, password, challenge.salt, challenge.iterations);
    const auto proof = sasl::scram::prove(keys, auth_message);
    EXPECT_TRUE(exchange.take_final(without_proof + ",p=" + text::write_base64(base::octets(proof))));
    auto login = pod.keys->log_in(exchange.claim(wanted));
    if (login) {
      EXPECT_EQ(login->server_signature, sasl::scram::sign(keys.server_key, auth_message))
          << "the server did not prove itself";
    }
    return login;
  }
};

class ScramTest : public testing::Test {
protected:
  Pod pod;
  Invitation invitation = pod.admit("alice@pod.lab");
  std::string password = "a long password";
  std::string phone = pod.enrol(invitation, {password, "phone"}).app->password;

  std::string salt_of(std::string_view name) { return pod.keys->challenge(name).salt; }
};

TEST_F(ScramTest, OpensTheVaultForEachDeviceByItsOwnPassword) {
  const auto laptop = pod.keys->add_app_password("alice", phone, "laptop").value();
  const auto by_phone = Client{"alice@pod.lab", phone}.log_in(pod).value();
  const auto by_laptop = Client{"alice", laptop.password}.log_in(pod).value();
  EXPECT_NE(by_phone.login.slot, by_laptop.login.slot);
  EXPECT_EQ(by_laptop.login.slot, laptop.slot);
  const auto by_plain = pod.keys->log_in("alice", password, Scope::imap).value();
  EXPECT_EQ(by_phone.login.vault_key->secret().octets(), by_plain.vault_key->secret().octets());
  EXPECT_EQ(by_laptop.login.vault_key->secret().octets(), by_plain.vault_key->secret().octets());
}

TEST_F(ScramTest, RefusesForEveryReasonAlike) {
  const auto refusal = [&](const std::string& name, const std::string& secret) {
    const auto login = Client{name, secret}.log_in(pod);
    return login ? boost::system::error_code() : login.error();
  };
  EXPECT_EQ(refusal("alice", "mp-00000-00000-00000-00000-000000"), sasl::Errc::refused);
  EXPECT_EQ(refusal("nobody", phone), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice", password), sasl::Errc::refused) << "human passwords have no keys of SCRAM's";
  pod.admit("bob@pod.lab");
  EXPECT_EQ(refusal("bob", phone), sasl::Errc::refused);
  ASSERT_TRUE(pod.keys->revoke("alice", password, "phone"));
  EXPECT_EQ(refusal("alice", phone), sasl::Errc::refused);
}

TEST_F(ScramTest, RefusesTheSuspended) {
  auto& community = pod.community;
  ASSERT_TRUE(pod.admissions().record(community.sign(community.suspension(invitation.member, std::chrono::hours(48)))));
  const Client alice{"alice", phone};
  EXPECT_EQ(alice.log_in(pod).error(), sasl::Errc::refused);
  EXPECT_EQ(alice.log_in(pod, Scope::send).error(), sasl::Errc::refused);
}

TEST_F(ScramTest, ChecksTheScope) {
  auto house = pod.household();
  auto label = new_label(house, invitation.member, SlotType::app, "printer");
  label.scopes = static_cast<sasl::Scopes>(Scope::send);
  const auto login = pod.keys->log_in("alice", phone, Scope::imap).value();
  const auto given = pod.keys->challenge("alice");
  const AppParameters shared{base::byte_array<16>(given.salt).value(), given.iterations};
  const auto printer = generate_app_password(house.entropy);
  pod.adopt(make_app_slot(slot_ports(house), label, printer, shared, login.vault_key->secret()));
  const Client client{"alice", printer};
  EXPECT_EQ(client.log_in(pod, Scope::imap).error(), sasl::Errc::refused);
  EXPECT_TRUE(client.log_in(pod, Scope::send));
}

TEST_F(ScramTest, OpensNothingWhereTheSealDoesNot) {
  // StoredKey is right, so the proof is; what it should open is another's.
  const auto mallory = pod.admit("mallory@pod.lab");
  pod.enrol(mallory);
  auto house = pod.household();
  auto own = slots_of(house, invitation.member).list(invitation.member).slots;
  const auto slot = std::ranges::find(own, SlotType::app, [](const Slot& one) { return one.label.type; });
  auto& seals = slot->seals;
  const auto wrap = std::ranges::find(seals, Slot::Seal::vault_key_for_scram, &Slot::Sealed::what);
  wrap->octets.back() = static_cast<char>(wrap->octets.back() ^ 1);
  pod.adopt(*slot);
  EXPECT_EQ((Client{"alice", phone}.log_in(pod).error()), sasl::Errc::refused);
}

TEST_F(ScramTest, GivesEveryNameItsSaltForGood) {
  pod.admit("bob@pod.lab");
  const auto alice = salt_of("alice");
  const auto bob = salt_of("bob");
  const auto nobody = salt_of("nobody");
  EXPECT_EQ(alice.size(), 16U);
  EXPECT_EQ(nobody.size(), alice.size());
  EXPECT_EQ(pod.keys->challenge("nobody").iterations, pod.keys->challenge("alice").iterations);
  EXPECT_NE(nobody, bob);
  EXPECT_NE(nobody, alice);
  EXPECT_EQ(salt_of("Alice@POD.lab"), alice);
  EXPECT_EQ(salt_of("Nobody@POD.lab"), nobody) << "however it is spelled";
  pod.start();
  EXPECT_EQ(salt_of("alice"), alice);
  EXPECT_EQ(salt_of("bob"), bob) << "a made-up salt that changed at a restart would be told from a real one";
  EXPECT_EQ(salt_of("nobody"), nobody);
  EXPECT_NE(pod.keys->challenge("alice").nonce, pod.keys->challenge("alice").nonce);
}

TEST_F(ScramTest, IsOverWithTheRekey) {
  const auto before = Client{"alice", phone}.log_in(pod).value();
  ASSERT_TRUE(pod.keys->rekey("alice", phone));
  EXPECT_FALSE(before.login.stands());
  const auto after = Client{"alice", phone}.log_in(pod).value();
  EXPECT_TRUE(after.login.stands());
  EXPECT_NE(after.login.vault_key->secret().octets(), before.login.vault_key->secret().octets());
}

}  // namespace
}  // namespace mailpod::members
