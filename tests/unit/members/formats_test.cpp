#include <gtest/gtest.h>

#include <mailpod/crypto/digest.hpp>

#include "departure_records.hpp"
#include "directory_records.hpp"
#include "group_records.hpp"
#include "slot_keys.hpp"

#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"
#include "simulation/frozen.hpp"

/// Slots and directories that version 1 wrote must open for ever.
namespace mailpod::members {
namespace {

using simulation::frozen;

constexpr std::string_view app = "mp-00000-00000-00000-00000-000000";
constexpr std::string_view code = "sixteen octets..";

class FrozenFormats : public testing::Test {
protected:
  static std::string counted(unsigned char first) {
    std::string out;
    for (unsigned char i = 0; i < 32; ++i) out += static_cast<char>(first + i);
    return out;
  }
  SlotLabel label(SlotType type) const {
    SlotLabel out;
    out.id.fill(static_cast<unsigned char>(type));
    out.type = type;
    out.member.bytes.fill(0x11);
    out.scopes = 15;
    out.name = "Zoë's phone";
    out.expires = base::from_seconds(2'000'000'000);
    out.last_used = 20'454;
    return out;
  }
  /// As version 1 wrote it; made anew only when it is to be frozen.
  Slot slot(const std::string& name, const std::function<Slot()>& make) {
    const auto octets = frozen("slots-1/" + name + ".slot", [&] { return write_slot(make()); });
    const auto read = parse_slot(octets);
    EXPECT_TRUE(read) << name;
    if (!read) return {};
    EXPECT_EQ(write_slot(*read), octets) << name;
    EXPECT_EQ(read->label, make().label) << name;
    return *read;
  }
  bool holds_key(const Result<crypto::Key>& opened) { return opened && opened->octets() == key.octets(); }

  simulation::Entropy entropy;
  crypto::KeyArena arena;
  SlotPorts ports{arena, entropy};
  base::ByteArray<32> pepper = *base::byte_array<32>(counted(100));
  crypto::Key key = crypto::Key::copy_of(arena, counted(0));
};

TEST_F(FrozenFormats, SlotsOfEveryTypeOpen) {
  const auto enrolment = slot("enrolment", [&] {
    return make_enrolment_slot(ports, label(SlotType::enrolment), code, {1, EnrolmentParameters::NewVault{2, pepper}},
                               key, &key);
  });
  const auto opened = open_enrolment_slot(arena, enrolment, code);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->first_drop_key.octets(), key.octets());
  EXPECT_EQ(opened->vault_key->octets(), key.octets());
  EXPECT_EQ(enrolment_parameters(enrolment)->vault->drop_recipient, pepper);

  const auto password = slot("password", [&] {
    return make_password_slot(ports, label(SlotType::password), "a long password", pepper, {1, 8192}, key);
  });
  EXPECT_EQ(open_password_slot(arena, password, "a long password", pepper).value().vault_key.octets(), key.octets());

  const auto guarded = slot("password-with-codes", [&] {
    return make_password_slot(ports, label(SlotType::password), "a long password", pepper, {1, 8192}, {key, &key});
  });
  EXPECT_EQ(open_password_slot(arena, guarded, "a long password", pepper).value().second_factor->octets(),
            key.octets());

  const auto phone = slot("app", [&] { return make_app_slot(ports, label(SlotType::app), app, {{7}, 4096}, key); });
  EXPECT_TRUE(holds_key(open_app_slot(arena, phone, app_kek(arena, app, app_parameters(phone)->salt))));

  for (const auto& [name, type] :
       {std::pair{"recovery", SlotType::recovery}, {"session", SlotType::session}, {"guest", SlotType::guest}}) {
    const auto token = slot(name, [&] {
      auto with_owner = label(type);
      if (type == SlotType::guest) with_owner.owner = "a channel";
      return make_token_slot(ports, with_owner, "a secret of sufficient length", key);
    });
    EXPECT_TRUE(holds_key(open_token_slot(arena, token, "a secret of sufficient length"))) << name;
  }

  const auto printer = slot("send-only", [&] { return make_send_only_slot(label(SlotType::send_only), app); });
  EXPECT_TRUE(verify_send_only_slot(printer, app));
}

TEST_F(FrozenFormats, ADirectoryWithAliasesOpens) {
  simulation::Clock clock;
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"Alice", "pod.lab"}};
  alice.aliases = {{Address{"ally", "second.lab"}, pepper, Alias::Progress::in_force},
                   {Address{"Waiting", "pod.lab"}, pepper, Alias::Progress::pending}};
  const auto octets = frozen("directory-2/segment", [&] {
    simulation::Disk making;
    const Directory::Ports there{making, clock, entropy, base::silent_log(), arena};
    const auto directory =
        Directory::found(there, "directory.log", key, {"pod.lab", "second.lab", "third.lab"}).value();
    directory->put({&alice, 1}).value();
    directory->remove_domain("third.lab").value();
    directory->close();
    EXPECT_EQ(making.files().size(), 1u);
    return making.files().front().substr(making.files().front().rfind('/') + 1) + "\n" +
           base::read_file(making, making.files().front(), 1 << 20);
  });
  const auto end_of_name = octets.find('\n');
  ASSERT_NE(end_of_name, std::string::npos);
  simulation::Disk disk;
  disk.make_directory("directory.log");
  base::replace_file(disk, "directory.log/" + octets.substr(0, end_of_name), octets.substr(end_of_name + 1));
  const auto directory = Directory::open({disk, clock, entropy, base::silent_log(), arena}, "directory.log", key);
  ASSERT_TRUE(directory);
  const auto state = (*directory)->state();
  EXPECT_EQ(*state->find("ally@second.lab"), alice);
  EXPECT_EQ(state->find("waiting"), nullptr);
  EXPECT_EQ(state->domains(), (std::vector<std::string>{"pod.lab", "second.lab"}));
}

TEST_F(FrozenFormats, WhatTheLedgerWasIsRead) {
  const governance::TreeHead head{301, governance::Hash{3, 4}};
  const auto octets = frozen("directory-ledger-1.bin", [&] { return write_ledger(head); });
  DirectoryDraft draft{DirectoryState()};
  ASSERT_TRUE(draft.apply(DirectoryRecord::ledger, octets));
  EXPECT_EQ(draft.state().ledger(), head);
  EXPECT_EQ(write_ledger(head), octets);
  EXPECT_EQ(static_cast<int>(DirectoryRecord::ledger), 28);
}

TEST_F(FrozenFormats, WhatTheAuditLogWasIsRead) {
  const governance::TreeHead head{17, governance::Hash{5, 6}};
  const auto octets = frozen("directory-audit-1.bin", [&] { return write_ledger(head); });
  DirectoryDraft draft{DirectoryState()};
  ASSERT_TRUE(draft.apply(DirectoryRecord::audit, octets));
  EXPECT_EQ(draft.state().audit(), head);
  EXPECT_FALSE(draft.apply(DirectoryRecord::audit, octets + "x"));
  EXPECT_EQ(static_cast<int>(DirectoryRecord::audit), 34);
}

TEST_F(FrozenFormats, WhatMembersWereToldOfRetentionIsRead) {
  const RetentionTold told{90, base::from_seconds(1767225600)};
  const auto octets = frozen("directory-retention-1.bin", [&] { return write_retention(told); });
  DirectoryDraft draft{DirectoryState()};
  ASSERT_TRUE(draft.apply(DirectoryRecord::retention, octets));
  EXPECT_EQ(draft.state().retention(), told);
  EXPECT_EQ(write_retention(told), octets);
  EXPECT_FALSE(draft.apply(DirectoryRecord::retention, octets + "x"));
  EXPECT_EQ(static_cast<int>(DirectoryRecord::retention), 36);
}

TEST_F(FrozenFormats, APersonWhoAcceptedACharterIsRead) {
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"Alice", "pod.lab"}};
  alice.consent = Consent{base::from_seconds(1767225600), 3, {0x77}};
  const auto octets = frozen("person-2-consent.bin", [&] { return write_person(alice); });
  EXPECT_EQ(parse_person(octets), alice);
  EXPECT_EQ(write_person(alice), octets);
}

TEST_F(FrozenFormats, ThePodsTimeIsRead) {
  const auto time = base::from_seconds(1767225600);
  const auto octets = frozen("directory-time-1.bin", [&] { return write_time(time); });
  DirectoryDraft draft{DirectoryState()};
  ASSERT_TRUE(draft.apply(DirectoryRecord::time, octets));
  EXPECT_EQ(draft.state().time(), time);
  EXPECT_EQ(write_time(time), octets);
  EXPECT_FALSE(draft.apply(DirectoryRecord::time, octets + "x"));
  EXPECT_EQ(static_cast<int>(DirectoryRecord::time), 30);
}

TEST_F(FrozenFormats, APersonWhoForwardsIsRead) {
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"Alice", "pod.lab"}};
  alice.aliases = {{Address{"ally", "second.lab"}, pepper, Alias::Progress::in_force}};
  alice.salt = pepper;
  alice.pepper = pepper;
  alice.forward = Forward{Address{"Ally", "elsewhere.example"}, Forward::Copy::kept};
  const auto octets = frozen("person-2.bin", [&] { return write_person(alice); });
  EXPECT_EQ(parse_person(octets), alice);
}

TEST_F(FrozenFormats, APersonWithARollAndCodesIsRead) {
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"Alice", "pod.lab"}};
  alice.slots = SlotRoll{{{0x22}, {}}, {{0x33}, {0x44}}, {{0x33}, {0x45}}};
  alice.slots_changed = base::from_seconds(1'800'000'000);
  alice.second_factor = SecondFactor{60'000'000, {{0x55}, {0x66}}};
  const auto octets = frozen("person-2-slots.bin", [&] { return write_person(alice); });
  EXPECT_EQ(parse_person(octets), alice);
}

TEST_F(FrozenFormats, HowFullAPersonWasToldToBeIsRead) {
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"alice", "pod.lab"}};
  alice.fullness = Fullness{100, base::from_seconds(1'800'000'000)};
  const auto octets = frozen("person-2-fullness.bin", [&] { return write_person(alice); });
  EXPECT_EQ(parse_person(octets), alice);
  alice.fullness = Fullness{80, std::nullopt};
  EXPECT_EQ(parse_person(write_person(alice)), alice);
  alice.fullness = Fullness{80, base::from_seconds(1'800'000'000)};
  EXPECT_EQ(parse_person(write_person(alice)), std::nullopt) << "who is not full is not full since";
}

TEST_F(FrozenFormats, HowCautiousAPersonIsIsRead) {
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"alice", "pod.lab"}};
  const auto plain = write_person(alice);
  alice.caution = Caution::unproved;
  const auto octets = frozen("person-2-caution.bin", [&] { return write_person(alice); });
  EXPECT_EQ(parse_person(octets), alice);
  ASSERT_FALSE(octets.empty());
  auto unknown = octets;
  unknown.back() = 2;
  EXPECT_FALSE(parse_person(unknown));
  EXPECT_NE(octets, plain);
}

TEST_F(FrozenFormats, ADepartureIsReadAndKnowsItsAddresses) {
  Departure departure;
  departure.member.bytes.fill(0x11);
  departure.progress = Departure::Progress::gone;
  departure.reason = Departure::Reason::act;
  departure.at = base::from_seconds(1'800'000'000);
  departure.act.fill(0x22);
  departure.slots = 3;
  departure.messages = 4;
  departure.octets = 5;
  departure.salt = pepper;
  departure.addresses = {crypto::sha256(std::string(base::octets(pepper)) + "alice@pod.lab")};
  const auto octets = frozen("departure-1.bin", [&] { return write_departure(departure); });
  EXPECT_EQ(parse_departure(octets), departure);
  EXPECT_TRUE(departure.had(Address{"Alice", "pod.lab"}));
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const bool whole = size == octets.size() - 32;  // without its one address
    EXPECT_EQ(parse_departure(octets.substr(0, size)).has_value(), whole) << size;
  }
}

TEST_F(FrozenFormats, AGroupIsReadAndCommitsToTheSame) {
  Group group;
  group.id.fill(0x44);
  group.salt = pepper;
  group.address = Address{"Choir", "pod.lab"};
  group.name = "Zoë's choir";
  group.posting = Group::Posting::pod;
  group.members = {MemberId{{0x11}}, MemberId{{0x22}}};
  group.outside = {"eve@other.example"};
  const auto octets = frozen("group-1.bin", [&] { return write_group(group); });
  const auto read = parse_group(octets);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, group);
  EXPECT_EQ(base::hex(base::octets(read->commitment())),
            frozen("group-1.commitment", [&] { return base::hex(base::octets(group.commitment())); }));
}

TEST_F(FrozenFormats, TheDirectoryOpens) {
  simulation::Clock clock;
  Person alice;
  alice.id.bytes.fill(0x11);
  alice.progress = Person::Progress::enrolled;
  alice.addresses = {Address{"Alice", "pod.lab"}, Address{"alice", "second.lab"}};
  alice.salt = pepper;
  alice.pepper = pepper;
  alice.quota = 123'456'789;
  Person guest = alice;
  guest.id.bytes.fill(0x22);
  guest.principal = governance::Principal::guest;
  guest.progress = Person::Progress::invited;
  guest.addresses = {Address{"guest", "pod.lab"}};
  const governance::Tally tally{7, governance::Hash{1, 2, 3}};
  const MemberId gone{{0x33}};

  simulation::Disk disk;
  disk.make_directory("directory.log");
  const Directory::Ports with{disk, clock, entropy, base::silent_log(), arena};
  const auto octets = frozen("directory-1/segment", [&] {
    simulation::Disk making;
    const Directory::Ports there{making, clock, entropy, base::silent_log(), arena};
    const auto directory = Directory::found(there, "directory.log", key, {"pod.lab", "second.lab"}).value();
    Person passing = guest;
    passing.id = gone;
    passing.addresses = {Address{"passing", "pod.lab"}};
    const std::vector people = {alice, guest, passing};
    directory->put(people).value();
    directory->remove({&gone, 1});
    directory->remember(tally);
    directory->close();
    EXPECT_EQ(making.files().size(), 1u);
    return making.files().front().substr(making.files().front().rfind('/') + 1) + "\n" +
           base::read_file(making, making.files().front(), 1 << 20);
  });
  const auto end_of_name = octets.find('\n');
  ASSERT_NE(end_of_name, std::string::npos);
  base::replace_file(disk, "directory.log/" + octets.substr(0, end_of_name), octets.substr(end_of_name + 1));
  const auto directory = Directory::open(with, "directory.log", key);
  ASSERT_TRUE(directory);
  const auto state = (*directory)->state();
  EXPECT_EQ(*state->find("alice@second.lab"), alice);
  EXPECT_EQ(*state->find("guest"), guest);
  EXPECT_EQ(state->people().size(), 2u);
  EXPECT_EQ(state->tally(), tally);
}

}  // namespace
}  // namespace mailpod::members
