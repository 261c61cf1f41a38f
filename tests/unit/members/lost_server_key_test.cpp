// The server key is gone, and its paper copy too: what members' folders hold opens by their own secrets all the same.
#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/store/letterbox.hpp>

#include "household.hpp"
#include "slot_keys.hpp"

namespace mailpod::members {
namespace {

const std::string mail = "Subject: kept\r\n\r\nby its member's own secret\r\n";

TEST(ALostServerKey, LosesNoMailOfWhoHasAnAppPassword) {
  std::unique_ptr<simulation::Disk> left;
  std::string password;
  MemberId member;
  base::ByteArray<32> pod_public_key{};
  {
    Pod pod;
    const auto invitation = pod.admit("alice@pod.lab");
    member = invitation.member;
    password = pod.enrol(invitation).app->password;
    const std::string folder = "pod/members/" + member.str();
    pod_public_key = pod.pod_key.public_key();  // in the charter, too
    const auto card = store::read_card(*pod.disk, folder, member, pod_public_key).value();
    const base::MemorySource octets(mail);
    const auto structure = message::scan(mail);
    store::Delivery delivery({*pod.disk, pod.community.clock, pod.community.entropy, pod.pod_key});
    delivery
        .prepare(folder, card,
                 {octets, structure, "a@example.org", "alice@pod.lab", pod.community.clock.now(), {}, 0, {}})
        .value();
    delivery.commit();
    left = pod.disk->clean_copy();
  }
  // No server key, no directory, no pod key: the folder of one member, their password, and a public key.
  simulation::Clock clock;
  simulation::Entropy entropy{3};
  crypto::KeyArena arena;
  const std::string folder = "pod/members/" + member.str();
  const auto slots = SlotFolder(*left, folder + "/slots").list(member).slots;
  const auto app = std::ranges::find(slots, SlotType::app, [](const Slot& slot) { return slot.label.type; });
  ASSERT_NE(app, slots.end());
  const auto kek = app_kek(arena, password, app_parameters(*app)->salt);
  auto key = open_app_slot(arena, *app, kek);
  ASSERT_TRUE(key.has_value());
  const auto vault = store::Vault::open({*left, clock, entropy, base::silent_log(), arena}, folder, member,
                                        std::make_shared<const crypto::VaultKey>(std::move(*key)), pod_public_key, {});
  ASSERT_TRUE(vault.has_value()) << vault.error().message();
  while ((*vault)->merge()) {
  }
  EXPECT_EQ((*vault)->state()->find("INBOX")->count, 1U);
  EXPECT_TRUE((*vault)->check().empty());
}

}  // namespace
}  // namespace mailpod::members
