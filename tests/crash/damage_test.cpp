#include <gtest/gtest.h>

#include <set>

#include "slot_keys.hpp"

#include "unit/store/household.hpp"

namespace mailpod::store::crash {
namespace {

using test::Household;
using test::mail;

#ifndef __has_feature  // clang's
#define __has_feature(x) 0
#endif
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
constexpr std::size_t stride = 1;
#else
constexpr std::size_t stride = 29;  // no divisor of a format's fields
#endif

constexpr std::string_view app_password = "mp-00000-00000-00000-00000-000000";
constexpr std::string_view recovery_code = "twenty octets, twenty";

/// A member's whole folder: card, slots, and a small vault with everything in it: merged, appended, copied and expunged
/// messages, a checkpoint with a tail behind it, mail that waits to be merged.
struct SmallVault {
  SmallVault() {
    house.settings.checkpoint_tail = 6'000;
    write_slots();
    house.deliver(mail("delivered"));
    auto vault = house.open();
    Household::merge_all(*vault);
    for (const auto* subject : {"one", "two", "three"}) Household::append(*vault, mail(subject));
    const auto inbox = vault->state()->find("INBOX")->id;
    vault->copy(inbox, std::vector<Uid>{{2}}, vault->state()->find("Archive")->id).value();
    vault->expunge(inbox, std::vector<Uid>{{3}}, Vault::Expunge::all).value();
    Household::append(*vault, mail("last"));
    vault->close();
    house.deliver(mail("waiting"));
    pristine = house.disk->clean_copy();
  }
  void write_slots() {
    const std::string folder = house.members[0].folder + "/slots";
    house.disk->make_directory(folder);
    members::SlotFolder slots(*house.disk, folder);
    const auto& vault_key = house.members[0].key->secret();
    const members::SlotPorts ports{house.arena, house.entropy};
    slots.write(members::make_app_slot(ports, label(members::SlotType::app), app_password, {{}, 4096}, vault_key));
    slots.write(members::make_token_slot(ports, label(members::SlotType::recovery), recovery_code, vault_key));
  }
  members::SlotLabel label(members::SlotType type) {
    members::SlotLabel label;
    label.id = house.entropy.bytes<16>();
    label.type = type;
    label.member = house.members[0].id;
    label.name = "phone";
    return label;
  }
  Household house;
  std::unique_ptr<simulation::Disk> pristine;
};

const std::set<std::string> mails{mail("delivered"), mail("one"),  mail("two"),
                                  mail("three"),     mail("last"), mail("waiting")};

/// What reading the whole folder gives.
struct Reading {
  bool noticed = false;  ///< somebody was told that something is wrong
  bool wrong = false;    ///< an octet came out that was never put in
  int unreadable = 0;    ///< messages that are listed and cannot be read, or are not listed at all
  int slots = 0;         ///< how many opened
};

Result<crypto::Key> open_slot(crypto::KeyArena& arena, const members::Slot& slot) {
  if (slot.label.type == members::SlotType::recovery) return members::open_token_slot(arena, slot, recovery_code);
  return members::open_app_slot(arena, slot, members::app_kek(arena, app_password, {}));
}

/// The member logs in with each of their secrets.
void read_slots(Household& house, Reading& reading) {
  const auto& member = house.members[0];
  const auto listing = members::SlotFolder(*house.disk, member.folder + "/slots").list(member.id);
  reading.noticed = reading.noticed || !listing.damaged.empty();
  for (const auto& slot : listing.slots) {
    const auto key = open_slot(house.arena, slot);
    if (key) {
      ++reading.slots;
      reading.wrong = reading.wrong || key->octets() != member.key->secret().octets();
    } else {
      reading.noticed = true;
    }
  }
}

void read_vault(Vault& vault, Reading& reading) {
  Household::merge_all(vault);
  constexpr int there = 6;  // in INBOX and Archive
  int readable = 0;
  const auto state = vault.state();
  for (const auto& mailbox : state->mailboxes) {
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      try {
        const auto octets = Household::read(vault, mailbox->at({n}));
        reading.wrong = reading.wrong || !mails.contains(octets);
        ++readable;
      } catch (const boost::system::system_error&) {
        reading.noticed = true;
      } catch (const std::system_error&) {
        reading.noticed = true;
      }
    }
  }
  reading.unreadable = there - readable;
  reading.noticed = reading.noticed || !vault.check().empty();
}

Reading read_everything(Household& house) {
  Reading reading;
  house.log.all.clear();
  const auto& member = house.members[0];
  read_slots(house, reading);
  const auto card = read_card(*house.disk, member.folder, member.id, house.pod_key.public_key());
  const auto opened = house.try_open();
  reading.noticed = reading.noticed || !card || !opened;
  if (opened) read_vault(**opened, reading);
  reading.noticed = reading.noticed || !house.log.all.empty();
  return reading;
}

/// One bit of the folder is another: what is said, or nothing if all is as it must be. Seen to fail with a damaged slot
/// that is not listed as such.
std::string flip(SmallVault& small, const std::string& path, const std::string& octets, std::size_t bit) {
  small.house.disk = small.pristine->clean_copy();
  const char flipped = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
  small.house.disk->open(path, base::Disk::Open::read_write)->write_at(bit / 8, {&flipped, 1});
  const auto reading = read_everything(small.house);
  if (!reading.noticed) return "nobody noticed";
  if (reading.wrong) return "a wrong octet came out";
  // A message's own record or file; its copy shares both.
  if (reading.unreadable > 2) return fmt::format("{} messages are lost", reading.unreadable);
  const bool is_a_slot = path.find("/slots/") != std::string::npos;
  if (reading.slots != (is_a_slot ? 1 : 2)) return fmt::format("{} slots open", reading.slots);
  return {};
}

constexpr std::size_t shards = 8;
class EveryBit : public testing::TestWithParam<std::size_t> {};

TEST_P(EveryBit, IsNoticedWhenItFlipsAndNoWrongOctetComesOut) {
  SmallVault small;
  const auto healthy = read_everything(small.house);
  ASSERT_FALSE(healthy.noticed);
  ASSERT_EQ(healthy.unreadable, 0);
  ASSERT_EQ(healthy.slots, 2);
  const std::size_t step = stride * shards;
  std::size_t first = GetParam() * stride;  // each shard takes another bit of each octet, file after file
  std::uint64_t flips = 0;
  for (const auto& path : small.pristine->files()) {
    const std::string octets = base::read_file(*small.pristine, path, 1 << 20);
    std::size_t bit = first;
    for (; bit < octets.size() * 8; bit += step) {
      ASSERT_EQ(flip(small, path, octets, bit), "") << path << " bit " << bit;
      ++flips;
    }
    first = bit - octets.size() * 8;
  }
  ASSERT_GT(flips, 10U);
  std::printf("%llu flips\n", static_cast<unsigned long long>(flips));
}

INSTANTIATE_TEST_SUITE_P(Damage, EveryBit, testing::Range(std::size_t{0}, shards));

TEST(Damage, NoUidThatALostRecordMayHaveGivenIsGivenAgain) {
  SmallVault small;
  const auto inbox = small.house.open()->state()->find("INBOX");
  const Uid highest = inbox->at({inbox->count}).uid;
  for (const auto& path : small.pristine->files()) {
    if (!path.ends_with(".seg")) continue;
    const std::string octets = base::read_file(*small.pristine, path, 1 << 20);
    for (std::size_t at = 45; at < octets.size(); at += 64) {
      small.house.disk = small.pristine->clean_copy();
      const char flipped = static_cast<char>(octets[at] ^ 1);
      small.house.disk->open(path, base::Disk::Open::read_write)->write_at(at, {&flipped, 1});
      const auto vault = small.house.open();
      ASSERT_NE(vault->state()->find("INBOX"), nullptr) << path << " " << at;
      const auto validity = vault->state()->find("INBOX")->uid_validity;
      const Uid uid = Household::append(*vault, mail("new"));
      ASSERT_TRUE(uid > highest || validity != inbox->uid_validity) << path << " " << at;
    }
  }
}

TEST(Damage, EveryMissingFileIsNoticed) {
  SmallVault small;
  for (const auto& path : small.pristine->files()) {
    small.house.disk = small.pristine->clean_copy();
    small.house.disk->unlink(path);
    const auto reading = read_everything(small.house);
    // Nobody knows of what nobody has seen; the member notices that a password does not open any more.
    const bool was_never_seen = path.find("/new/") != std::string::npos;
    ASSERT_TRUE(reading.noticed || was_never_seen || reading.slots == 1) << path;
    ASSERT_FALSE(reading.wrong) << path;
  }
}

}  // namespace
}  // namespace mailpod::store::crash
