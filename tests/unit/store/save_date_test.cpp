#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "household.hpp"
#include "log_records.hpp"

namespace mailpod::store::test {
namespace {

using SaveDates = std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>;  ///< by mailbox and UID

/// The save dates that a journal's ADDs say, by the ADDs' positions.
std::map<std::uint64_t, std::uint64_t> dates_of_adds(Household& house) {
  class Adds final : public journal::Replay {
  public:
    void begin() override {}
    bool checkpoint(std::string_view) override { return false; }  // the records themselves
    void record(const journal::Record& record) override {
      if (record.type != static_cast<std::uint8_t>(RecordType::add)) return;
      dates[record.position.value] = AddRecord::decode(record.payload).value().save_date;
    }
    std::map<std::uint64_t, std::uint64_t> dates;
  } adds;
  const auto& who = house.members[0];
  const auto copy = house.disk->clean_copy();
  journal::Journal::open({*copy, house.entropy}, {who.folder + "/log", std::string(base::octets(who.id.bytes))},
                         who.key->derive("mailpod/v1/log"), {}, adds)
      .value();
  return adds.dates;
}

SaveDates save_dates(Household& house, Vault& vault) {
  SaveDates found;
  const auto adds = dates_of_adds(house);
  for (const auto& mailbox : vault.state()->mailboxes) {
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      const std::uint64_t date = message.save_date != 0 ? message.save_date : adds.at(message.record);
      found[{mailbox->id.value, message.uid.value}] = date;
    }
  }
  return found;
}

/// A message that was appended and copied, and one that was appended and moved, each at a time of its own.
SaveDates append_copy_and_move(Household& house, Vault& vault) {
  const auto inbox = vault.state()->find("INBOX")->id;
  const auto archive = vault.state()->find("Archive")->id;
  SaveDates expected;
  const auto now = [&] {
    house.clock.advance(std::chrono::hours(1));
    return base::to_seconds(house.clock.now());
  };
  expected[{inbox.value, 1}] = now();
  house.append(vault, mail("copied"));
  now();
  house.append(vault, mail("moved"));
  expected[{archive.value, 1}] = now();
  vault.copy(inbox, std::vector<Uid>{{1}}, archive).value();
  expected[{archive.value, 2}] = now();
  vault.move(inbox, std::vector<Uid>{{2}}, archive).value();
  now();
  return expected;
}

TEST(SaveDate, IsThatOfTheLastCopyOrMoveAlsoBehindACheckpoint) {
  Household house;
  house.settings.checkpoint_tail = 1;  // after every change
  const auto vault = house.open();
  const auto expected = append_copy_and_move(house, *vault);
  EXPECT_EQ(save_dates(house, *vault), expected);
  EXPECT_EQ(save_dates(house, *house.open()), expected);
}

TEST(SaveDate, OutlivesARewriteOfTheJournal) {
  Household house;
  auto vault = house.open();
  const auto expected = append_copy_and_move(house, *vault);
  house.leave_garbage(*vault);
  vault->close();
  const auto overgrown = house.files_below(".seg");
  house.settings.rewrite_above = 1;
  for (int i = 0; i < 2; ++i) {
    vault = house.open();
    EXPECT_NE(house.files_below(".seg"), overgrown);
    EXPECT_EQ(save_dates(house, *vault), expected);
    vault->close();
  }
}

TEST(SaveDate, OfACopyDoesNotBecomeThatOfItsSourceWhenTheCopyIsWrittenFirst) {
  Household house;
  auto vault = house.open();
  const auto sent = vault->state()->find("Sent")->id;
  const auto archive = vault->state()->find("Archive")->id;
  const auto appended = base::to_seconds(house.clock.now());
  house.append(*vault, mail("m"), "Sent");
  house.clock.advance(std::chrono::hours(1));
  const auto copied = base::to_seconds(house.clock.now());
  vault->copy(sent, std::vector<Uid>{{1}}, archive).value();
  house.leave_garbage(*vault);
  vault->close();
  const auto overgrown = house.files_below(".seg");
  house.settings.rewrite_above = 1;
  vault = house.open();
  EXPECT_NE(house.files_below(".seg"), overgrown);
  const SaveDates expected{{{archive.value, 1}, copied}, {{sent.value, 1}, appended}};
  EXPECT_EQ(save_dates(house, *vault), expected);
}

}  // namespace
}  // namespace mailpod::store::test
