#include <gtest/gtest.h>

#include <set>

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

/// A small vault with everything in it: merged, appended, copied and expunged messages, a checkpoint with a tail behind
/// it.
struct SmallVault {
  SmallVault() {
    house.settings.checkpoint_tail = 6'000;
    house.deliver(mail("delivered"));
    auto vault = house.open();
    Household::merge_all(*vault);
    for (const auto* subject : {"one", "two", "three"}) Household::append(*vault, mail(subject));
    const auto inbox = vault->state()->find("INBOX")->id;
    vault->copy(inbox, std::vector<Uid>{{2}}, vault->state()->find("Archive")->id).value();
    vault->expunge(inbox, std::vector<Uid>{{3}}, Vault::Expunge::all).value();
    Household::append(*vault, mail("last"));
    vault->close();
    pristine = house.disk->clean_copy();
  }
  Household house;
  std::unique_ptr<simulation::Disk> pristine;
};

const std::set<std::string> mails{mail("delivered"), mail("one"), mail("two"), mail("three"), mail("last")};

/// What reading the whole vault gives.
struct Reading {
  bool noticed = false;  ///< somebody was told that something is wrong
  bool wrong = false;    ///< an octet came out that was never put in
  int unreadable = 0;    ///< messages that are listed and cannot be read, or are not listed at all
};
Reading read_everything(Household& house) {
  Reading reading;
  house.log.all.clear();
  const auto opened = house.try_open();
  const auto card = read_card(*house.disk, house.members[0].folder, house.members[0].id, house.pod_key.public_key());
  if (!card) reading.noticed = true;
  if (!opened) {
    reading.noticed = true;
    return reading;
  }
  auto& vault = **opened;
  constexpr int there = 5;  // in INBOX and Archive
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
  reading.noticed = reading.noticed || !vault.check().empty() || !house.log.all.empty();
  return reading;
}

TEST(Damage, EveryFlippedBitIsNoticedAndNoWrongOctetComesOut) {
  SmallVault small;
  const auto healthy = read_everything(small.house);
  ASSERT_FALSE(healthy.noticed);
  ASSERT_EQ(healthy.unreadable, 0);
  std::uint64_t flips = 0;
  for (const auto& path : small.pristine->files()) {
    const std::string octets = base::read_file(*small.pristine, path, 1 << 20);
    for (std::size_t bit = 0; bit < octets.size() * 8; bit += stride) {
      small.house.disk = small.pristine->clean_copy();
      const char flipped = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
      small.house.disk->open(path, base::Disk::Open::read_write)->write_at(bit / 8, {&flipped, 1});
      const auto reading = read_everything(small.house);
      ASSERT_TRUE(reading.noticed) << path << " bit " << bit;
      ASSERT_FALSE(reading.wrong) << path << " bit " << bit;
      // A message's own record or file; its copy shares both.
      ASSERT_LE(reading.unreadable, 2) << path << " bit " << bit;
      ++flips;
    }
  }
  std::printf("%llu flips\n", static_cast<unsigned long long>(flips));
}

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
    ASSERT_TRUE(reading.noticed) << path;
    ASSERT_FALSE(reading.wrong) << path;
  }
}

}  // namespace
}  // namespace mailpod::store::crash
