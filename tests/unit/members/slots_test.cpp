#include <mailpod/members/slots.hpp>

#include <gtest/gtest.h>

#include <mailpod/sasl/scram.hpp>

#include "slot_keys.hpp"

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::members {
namespace {

constexpr crypto::Argon2Cost cheap{1, 8192};
constexpr std::string_view app = "mp-00000-00000-00000-00000-000000";

class SlotsTest : public testing::Test {
protected:
  SlotLabel label(SlotType type) {
    SlotLabel out;
    out.id = entropy.bytes<16>();
    out.type = type;
    out.member = member;
    out.scopes = 15;
    out.name = "phone";
    return out;
  }
  /// One of each type, by its number.
  Slot slot(SlotType type) {
    switch (type) {
      case SlotType::enrolment:
        return make_enrolment_slot(ports, label(type), "sixteen octets..", {1, std::nullopt}, key, nullptr);
      case SlotType::password:
        return make_password_slot(ports, label(type), "a long password", pepper, cheap, key);
      case SlotType::app:
        return make_app_slot(ports, label(type), app, {salt, 4096}, key);
      case SlotType::send_only:
        return make_send_only_slot(label(type), app);
      default:
        return make_token_slot(ports, label(type), "a secret of sufficient length", key);
    }
  }
  /// Whether its own secret opens it, and to the right key.
  bool opens(const Slot& slot) {
    const auto is_key = [&](const Result<crypto::Key>& opened) { return opened && opened->octets() == key.octets(); };
    switch (slot.label.type) {
      case SlotType::enrolment: {
        const auto opened = open_enrolment_slot(arena, slot, "sixteen octets..");
        return opened && opened->first_drop_key.octets() == key.octets();
      }
      case SlotType::password: {
        const auto opened = open_password_slot(arena, slot, "a long password", pepper);
        return opened && opened->vault_key.octets() == key.octets();
      }
      case SlotType::app:
        return is_key(open_app_slot(arena, slot, app_kek(arena, app, salt)));
      case SlotType::send_only:
        return verify_send_only_slot(slot, app);
      default:
        return is_key(open_token_slot(arena, slot, "a secret of sufficient length"));
    }
  }
  static constexpr std::array types = {SlotType::enrolment, SlotType::password,  SlotType::app,  SlotType::recovery,
                                       SlotType::session,   SlotType::send_only, SlotType::guest};

  simulation::Entropy entropy;
  crypto::KeyArena arena;
  SlotPorts ports{arena, entropy};
  MemberId member{entropy.bytes<16>()};
  base::ByteArray<32> pepper = entropy.bytes<32>();
  Salt salt = entropy.bytes<16>();
  crypto::Key key = crypto::Key::random(arena, entropy);
};

TEST_F(SlotsTest, OfEveryTypeSurviveTheirFileAndOpen) {
  for (const auto type : types) {
    Slot made = slot(type);
    made.label.expires = base::from_seconds(1'800'000'000);
    made = slot(type);
    const auto read = parse_slot(write_slot(made));
    ASSERT_TRUE(read) << static_cast<int>(type);
    EXPECT_EQ(*read, made);
    EXPECT_TRUE(opens(*read)) << static_cast<int>(type);
  }
}

TEST_F(SlotsTest, ShowDamageOfEveryBitAndEveryTruncation) {
  for (const auto type : types) {
    const std::string file = write_slot(slot(type));
    for (std::size_t i = 0; i < file.size() * 8; ++i) {
      std::string flipped = file;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
      EXPECT_FALSE(parse_slot(flipped));
    }
    for (std::size_t i = 0; i < file.size(); ++i) EXPECT_FALSE(parse_slot(file.substr(0, i)));
  }
}

TEST_F(SlotsTest, DoNotOpenOnceAnythingInTheirLabelWasForged) {
  for (const auto type : types) {
    const Slot good = slot(type);
    const auto forged = [&](auto change) {
      Slot slot = good;
      change(slot);
      return parse_slot(write_slot(slot)).value();  // with a checksum that fits
    };
    EXPECT_FALSE(opens(forged([&](Slot& s) { s.label.member = MemberId{entropy.bytes<16>()}; })));
    EXPECT_FALSE(opens(forged([&](Slot& s) { s.label.id = entropy.bytes<16>(); })));
    EXPECT_FALSE(opens(forged([](Slot& s) { s.label.scopes = 1; })));
    EXPECT_FALSE(opens(forged([](Slot& s) { s.label.owner = "another channel"; })));
    EXPECT_FALSE(opens(forged([](Slot& s) { s.label.name = "laptop"; })));
    EXPECT_FALSE(opens(forged([](Slot& s) { s.label.expires = base::from_seconds(4'000'000'000); })));
    EXPECT_TRUE(opens(forged([](Slot& s) { s.label.last_used = 20'000; }))) << "the one thing that changes in use";
  }
}

TEST_F(SlotsTest, OpenOnlyWithTheirSecret) {
  EXPECT_EQ(open_password_slot(arena, slot(SlotType::password), "another password", pepper).error(),
            Errc::wrong_secret);
  EXPECT_EQ(open_password_slot(arena, slot(SlotType::password), "a long password", {}).error(), Errc::wrong_secret);
  EXPECT_FALSE(open_app_slot(arena, slot(SlotType::app), app_kek(arena, "mp-1", salt)));
  EXPECT_FALSE(open_enrolment_slot(arena, slot(SlotType::enrolment), "another code...."));
  EXPECT_FALSE(open_token_slot(arena, slot(SlotType::session), "another secret"));
  EXPECT_FALSE(verify_send_only_slot(slot(SlotType::send_only), "another"));
}

TEST_F(SlotsTest, OfPasswordsSayUnderTheirSealWhetherTheyAreEnough) {
  const auto factor = crypto::Key::random(arena, entropy);
  const Slot guarded =
      make_password_slot(ports, label(SlotType::password), "a long password", pepper, cheap, {key, &factor});
  const auto opened = open_password_slot(arena, parse_slot(write_slot(guarded)).value(), "a long password", pepper);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->second_factor->octets(), factor.octets());
  EXPECT_TRUE(asks_for_second_factor(guarded));
  // Whoever can write the file cannot take the codes away from it.
  Slot without = guarded;
  without.seals.pop_back();
  EXPECT_EQ(open_password_slot(arena, without, "a long password", pepper).error(), Errc::damaged);
  without.parameters[0] = 1;
  without.parameters.pop_back();
  EXPECT_EQ(open_password_slot(arena, without, "a long password", pepper).error(), Errc::wrong_secret);
}

TEST_F(SlotsTest, OfAppsOpenByAScramProofAndProveTheServer) {
  const Slot made = slot(SlotType::app);
  const auto scram = sasl::scram::derive(arena, app, base::octets(salt), 4096);
  const auto opened = open_app_slot_by_client_key(arena, made, scram.client_key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->vault_key.octets(), key.octets());
  EXPECT_EQ(opened->server_key.octets(), scram.server_key.octets());
  EXPECT_EQ(open_app_slot_by_client_key(arena, made, scram.server_key).error(), Errc::wrong_secret);
}

TEST_F(SlotsTest, DoNotLetAStrangerChooseTheCostOfOpeningThem) {
  Slot hostile = slot(SlotType::password);
  hostile.parameters = base::Encoder().u8(1).u32(1'000'000).u64(8192).fixed(salt).take();
  EXPECT_EQ(open_password_slot(arena, hostile, "a long password", pepper).error(), Errc::damaged);
  hostile.parameters = base::Encoder().u8(1).u32(1).u64(std::uint64_t{1} << 40).fixed(salt).take();
  EXPECT_EQ(open_password_slot(arena, hostile, "a long password", pepper).error(), Errc::damaged);
}

TEST_F(SlotsTest, AreRefusedInAnothersFolderOrUnderAnotherName) {
  simulation::Disk disk;
  disk.make_directory("slots");
  SlotFolder folder(disk, "slots");
  const Slot mine = slot(SlotType::app);
  folder.write(mine);
  EXPECT_EQ(folder.list(member).slots.size(), 1u);
  EXPECT_TRUE(folder.list(member).damaged.empty());
  EXPECT_EQ(folder.list(MemberId{entropy.bytes<16>()}).damaged.size(), 1u);
  disk.rename("slots/" + base::hex(base::octets(mine.label.id)) + ".slot", "slots/" + std::string(32, '0') + ".slot");
  EXPECT_EQ(folder.list(member).damaged.size(), 1u);
}

TEST_F(SlotsTest, LeaveNoCopyWhenTheyAreRemovedThatAKilledChangeMade) {
  simulation::Disk disk;
  disk.make_directory("slots");
  SlotFolder folder(disk, "slots");
  const Slot made = slot(SlotType::app);
  folder.write(made);
  const auto copy = "slots/" + base::hex(base::octets(made.label.id)) + ".slot.tmp-4711-1";
  disk.open(copy, base::Disk::Open::create_new)->write_at(0, write_slot(made));
  folder.remove(made.label.id);
  EXPECT_TRUE(disk.files().empty()) << disk.files().front();
}

TEST_F(SlotsTest, AreReplacedDurablyWhenTheirLastUseIsNoted) {
  simulation::Disk disk;
  disk.make_directory("slots");
  disk.sync_directory("");
  SlotFolder folder(disk, "slots");
  Slot made = slot(SlotType::app);
  folder.write(made);
  for (std::uint64_t call = 1; call <= 5; ++call) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto machine = disk.clean_copy();
      SlotFolder on(*machine, "slots");
      machine->crash_at_call(machine->calls() + call);
      Slot used = made;
      used.label.last_used = 20'000;
      try {
        on.write(used);
      } catch (const simulation::PowerLoss&) {
      }
      const auto after = machine->crash(seed);
      const auto listing = SlotFolder(*after, "slots").list(member);
      ASSERT_EQ(listing.slots.size(), 1u);
      EXPECT_TRUE(opens(listing.slots[0]));
    }
  }
}

}  // namespace
}  // namespace mailpod::members
