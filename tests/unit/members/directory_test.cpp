#include <mailpod/members/directory.hpp>

#include <gtest/gtest.h>

#include "directory_records.hpp"

#include "simulation/clock.hpp"
#include "simulation/community.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::members {
namespace {

using Progress = Person::Progress;

class DirectoryTest : public testing::Test {
protected:
  DirectoryTest() {
    directory = Directory::found(ports(disk), "directory.log", server_key, {"pod.lab", "second.lab"}).value();
    disk.sync_directory("");
  }
  Directory::Ports ports(base::Disk& on) { return {on, clock, entropy, base::silent_log(), arena}; }
  Result<std::unique_ptr<Directory>> open(base::Disk& on) {
    return Directory::open(ports(on), "directory.log", server_key);
  }
  Person person(const std::string& address, Progress progress = Progress::enrolled) {
    Person out;
    out.id = MemberId{entropy.bytes<16>()};
    out.progress = progress;
    out.addresses = {Address::parse(address).value()};
    out.salt = entropy.bytes<32>();
    out.pepper = entropy.bytes<32>();
    return out;
  }
  Status put(const Person& person) { return directory->put({&person, 1}); }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::Key server_key = crypto::Key::random(arena, entropy);
  std::unique_ptr<Directory> directory;
};

TEST_F(DirectoryTest, AChangeStandsThoughTheCheckpointBehindItFails) {
  // Every change writes and syncs once; whatever fails beyond that belongs to a checkpoint.
  Person alice = person("alice@pod.lab");
  std::uint64_t usual = 0;
  bool failed = false;
  for (int change = 0; change < 20'000 && !failed; ++change) {
    const auto before = disk.calls();
    if (usual > 0) disk.fail_from_call(before + usual + 1, ENOSPC);
    alice.quota = static_cast<std::uint64_t>(change);
    ASSERT_TRUE(put(alice));
    failed = usual > 0 && disk.calls() > before + usual;
    usual = disk.calls() - before;
    disk.heal();
  }
  EXPECT_TRUE(failed) << "no checkpoint was due";
  EXPECT_EQ(open(*disk.crash(0)).value()->state()->find("alice")->quota, alice.quota);
  ++alice.quota;
  EXPECT_TRUE(put(alice)) << "it goes on";
}

TEST(Address, LowersTheDomainAndKeepsTheLocalPart) {
  const auto address = Address::parse("Alice.B+x@Pod.LAB").value();
  EXPECT_EQ(address.str(), "Alice.B+x@pod.lab");
  EXPECT_EQ(address.key(), "alice.b+x@pod.lab");
}

TEST(Address, IsADotStringAndAHostName) {
  for (const auto* bad :
       {"", "alice", "@pod.lab", "alice@", "a..b@pod.lab", ".a@pod.lab", "a.@pod.lab", "a b@pod.lab", "\"a\"@pod.lab",
        "a@b@pod.lab", "a@pod..lab", "a@-pod.lab", "a@pod_.lab", "\xc3\xa9@pod.lab", "a@[127.0.0.1]"}) {
    EXPECT_EQ(Address::parse(bad).error(), Errc::bad_address) << bad;
  }
  EXPECT_TRUE(Address::parse(std::string(64, 'x') + "@pod.lab"));
  EXPECT_FALSE(Address::parse(std::string(65, 'x') + "@pod.lab"));
}

TEST_F(DirectoryTest, FindsPeopleWithoutRegardToCase) {
  const auto alice = person("Alice@pod.lab");
  ASSERT_TRUE(put(alice));
  const auto state = directory->state();
  for (const auto* name : {"alice@pod.lab", "ALICE@POD.LAB", "alice", "Alice"}) {
    ASSERT_NE(state->find(name), nullptr) << name;
    EXPECT_EQ(*state->find(name), alice);
  }
  EXPECT_EQ(state->find("alice@second.lab"), nullptr);
  EXPECT_EQ(state->find("alice+tag@pod.lab"), nullptr) << "a login names its member";
  EXPECT_TRUE(state->serves("SECOND.lab"));
  EXPECT_FALSE(state->serves("third.lab"));
}

TEST_F(DirectoryTest, ReachesAPersonByASubAddressUnlessSomebodyHasIt) {
  const auto alice = person("alice@pod.lab");
  const auto exact = person("Alice+Press@pod.lab");
  const auto plus = person("+@pod.lab");
  for (const auto& one : {alice, exact, plus}) ASSERT_TRUE(put(one));
  ASSERT_TRUE(put(person("waiting+x@pod.lab", Progress::pending)));
  struct Row {
    std::string_view address, separator;
    const Person* reached;
  };
  const Row rows[] = {
      {"alice@pod.lab", "+", &alice},
      {"ALICE+Anything@POD.LAB", "+", &alice},
      {"alice+@pod.lab", "+", &alice},
      {"alice+a+b+c@pod.lab", "+", &alice},
      {"alice+press@pod.lab", "+", &exact},
      {"alice+press@pod.lab", "", &exact},
      {"alice+press+today@pod.lab", "+", &exact},
      {"alice+anything@pod.lab", "", nullptr},
      {"alice-anything@pod.lab", "+", nullptr},
      {"alice-anything@pod.lab", "-", &alice},
      {"alice+anything@second.lab", "+", nullptr},
      {"bob+anything@pod.lab", "+", nullptr},
      {"+@pod.lab", "+", &plus},
      {"+anything@pod.lab", "+", nullptr},
      {"waiting+x+y@pod.lab", "+", nullptr},
      {"alice+a..b@pod.lab", "+", nullptr},
      {"alice+gr\xc3\xbc\xc3\x9f"
       "e@pod.lab",
       "+", &alice},
      {"al\xc3\xad"
       "ce+x@pod.lab",
       "+", nullptr},
      {"alice+x@pod.lab@pod.lab", "+", nullptr},
  };
  for (const auto& row : rows) {
    const Person* reached = directory->state()->find_reached(row.address, row.separator);
    ASSERT_EQ(reached == nullptr, row.reached == nullptr) << row.address << row.separator;
    if (reached != nullptr) EXPECT_EQ(reached->id, row.reached->id) << row.address << row.separator;
  }
}

TEST_F(DirectoryTest, GivesAnAddressToOnePersonOnly) {
  ASSERT_TRUE(put(person("alice@pod.lab")));
  EXPECT_EQ(put(person("ALICE@pod.lab")).error(), Errc::address_taken);
  EXPECT_EQ(put(person("bob@third.lab")).error(), Errc::domain_not_served);
  EXPECT_TRUE(put(person("alice@second.lab")));
}

TEST_F(DirectoryTest, PutsAllOrNone) {
  const std::vector<Person> people = {person("a@pod.lab"), person("b@pod.lab"), person("A@pod.lab")};
  EXPECT_EQ(directory->put(people).error(), Errc::address_taken);
  EXPECT_EQ(directory->state()->find("b@pod.lab"), nullptr);
  ASSERT_TRUE(put(people[1]));
  EXPECT_EQ(open(disk).value()->state()->people().size(), 1u) << "nothing of the refused group was written";
}

TEST_F(DirectoryTest, HidesPendingAdmissionsAndKeepsTheirAddress) {
  auto alice = person("alice@pod.lab", Progress::pending);
  ASSERT_TRUE(put(alice));
  EXPECT_EQ(directory->state()->find("alice@pod.lab"), nullptr);
  EXPECT_EQ(put(person("alice@pod.lab")).error(), Errc::address_taken);
  alice.progress = Progress::invited;
  ASSERT_TRUE(put(alice));
  EXPECT_NE(directory->state()->find("alice@pod.lab"), nullptr);
  directory->remove({&alice.id, 1});
  EXPECT_EQ(directory->state()->find("alice@pod.lab"), nullptr);
  EXPECT_TRUE(put(person("alice@pod.lab")));
}

TEST_F(DirectoryTest, RemembersEverythingAcrossARestart) {
  auto alice = person("alice@pod.lab");
  alice.addresses.push_back(Address::parse("alice@second.lab").value());
  alice.quota = 12345;
  alice.principal = governance::Principal::guest;
  ASSERT_TRUE(put(alice));
  ASSERT_TRUE(directory->add_domain("Third.lab"));
  directory->remember({7, governance::Hash{1, 2}});
  directory->remember_ledger({8, governance::Hash{3, 4}});
  const auto again = open(disk).value()->state();
  EXPECT_EQ(*again->find(alice.id), alice);
  EXPECT_EQ(again->find("alice@second.lab")->id, alice.id);
  EXPECT_EQ(again->domains(), (std::vector<std::string>{"pod.lab", "second.lab", "third.lab"}));
  EXPECT_EQ(again->tally(), (governance::Tally{7, governance::Hash{1, 2}}));
  EXPECT_EQ(again->ledger(), (governance::TreeHead{8, governance::Hash{3, 4}}));
}

TEST_F(DirectoryTest, HidesPendingAliasesAndKeepsTheirAddress) {
  auto alice = person("alice@pod.lab");
  alice.aliases = {{Address::parse("ally@pod.lab").value(), {}, Alias::Progress::pending}};
  ASSERT_TRUE(put(alice));
  EXPECT_EQ(directory->state()->find("ally@pod.lab"), nullptr);
  EXPECT_TRUE(directory->state()->is_taken(alice.aliases[0].address));
  EXPECT_EQ(put(person("ALLY@pod.lab")).error(), Errc::address_taken);
  alice.aliases[0].progress = Alias::Progress::in_force;
  ASSERT_TRUE(put(alice));
  const auto again = open(disk).value()->state();
  EXPECT_EQ(*again->find("Ally@pod.lab"), alice);
  alice.aliases.clear();
  ASSERT_TRUE(put(alice));
  EXPECT_TRUE(put(person("ally@pod.lab")));
}

TEST_F(DirectoryTest, ForgetsADomainThatNobodyUses) {
  const auto alice = person("alice@second.lab", Progress::pending);
  ASSERT_TRUE(put(alice));
  EXPECT_EQ(directory->remove_domain("second.lab").error(), Errc::domain_in_use);
  EXPECT_EQ(directory->remove_domain("pod.lab").error(), Errc::domain_in_use) << "it is the pod's own";
  EXPECT_EQ(directory->remove_domain("third.lab").error(), Errc::domain_not_served);
  directory->remove({&alice.id, 1});
  ASSERT_TRUE(directory->remove_domain("Second.lab"));
  EXPECT_FALSE(directory->state()->serves("second.lab"));
  EXPECT_EQ(open(disk).value()->state()->domains(), std::vector<std::string>{"pod.lab"});
  EXPECT_EQ(put(person("bob@second.lab")).error(), Errc::domain_not_served);
}

TEST_F(DirectoryTest, ReadersKeepTheVersionTheyHold) {
  const auto before = directory->state();
  ASSERT_TRUE(put(person("alice@pod.lab")));
  EXPECT_EQ(before->find("alice"), nullptr);
  EXPECT_NE(directory->state()->find("alice"), nullptr);
}

TEST_F(DirectoryTest, WritesCheckpointsAndReadsThem) {
  for (int i = 0; i < 40; ++i) {
    std::vector<Person> people;
    for (int j = 0; j < 250; ++j) people.push_back(person("u" + std::to_string(i * 250 + j) + "@pod.lab"));
    ASSERT_TRUE(directory->put(people));
  }
  const auto again = open(disk).value();
  EXPECT_EQ(again->state()->people().size(), 10'000u);
  EXPECT_NE(again->state()->find("u9999"), nullptr);
}

TEST_F(DirectoryTest, DoesNotOpenUnderAnotherServerKey) {
  const auto other = crypto::Key::random(arena, entropy);
  EXPECT_EQ(Directory::open(ports(disk), "directory.log", other).error(), Errc::damaged);
}

TEST_F(DirectoryTest, NeverLosesAPersonInSilence) {
  for (const auto* name : {"a", "b", "c"}) ASSERT_TRUE(put(person(std::string(name) + "@pod.lab")));
  const auto state = directory->state();
  directory->close();
  std::string segment;
  for (const auto& path : disk.files()) {
    if (path.find("directory.log") != std::string::npos) segment = path;
  }
  const std::string good = base::read_file(disk, segment, 1 << 24);
  for (std::size_t i = 0; i < good.size(); ++i) {
    const auto copy = disk.clean_copy();
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 16);
    base::replace_file(*copy, segment, bad);
    const auto opened = open(*copy);
    if (opened) EXPECT_EQ((*opened)->state()->people().size(), 3u) << "octet " << i;
  }
}

TEST_F(DirectoryTest, HoldsWhatItAcknowledgedAfterEveryCrash) {
  ASSERT_TRUE(put(person("alice@pod.lab")));
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    const auto there = open(*machine).value();
    machine->crash_at_call(machine->calls() + call);
    bool acknowledged = false;
    const auto bob = person("bob@pod.lab");
    try {
      acknowledged = there->put({&bob, 1}).has_value();
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
      const auto after = machine->crash(seed);
      const auto again = open(*after);
      ASSERT_TRUE(again);
      EXPECT_NE((*again)->state()->find("alice"), nullptr);
      if (acknowledged) EXPECT_NE((*again)->state()->find("bob"), nullptr);
    }
    if (acknowledged) break;
  }
}

TEST_F(DirectoryTest, ShowsNoAddressOnTheDisk) {
  ASSERT_TRUE(put(person("canaryword@pod.lab")));
  for (const auto& path : disk.files()) {
    const auto octets = base::read_file(disk, path, 1 << 24);
    EXPECT_EQ(octets.find("canaryword"), std::string::npos) << path;
    EXPECT_EQ(octets.find("pod.lab"), std::string::npos) << path;
  }
}

TEST(RoleRecipients, AreTheMaintainersInTermThatNameAMember) {
  simulation::Community community(3, 1);
  auto& charter = community.charter;
  const auto now = community.clock.now();
  EXPECT_EQ(role_recipients("alice", charter, now), std::nullopt);
  EXPECT_EQ(role_recipients("PostMaster", charter, now)->size(), 0u);
  charter.maintainers[0].member = community.newcomer();
  charter.maintainers[1].member = charter.maintainers[0].member;
  charter.maintainers[2].member = community.newcomer();
  charter.maintainers[2].to = now;
  EXPECT_EQ(role_recipients("abuse", charter, now), std::vector{*charter.maintainers[0].member});
}

TEST(RoleRecipients, AreWhomTheCharterNames) {
  simulation::Community community(1, 1);
  auto& charter = community.charter;
  const auto now = community.clock.now();
  const auto ada = community.newcomer();
  const auto bert = community.newcomer();
  charter.maintainers[0].member = ada;
  charter.addresses.roles = {{"abuse", false, {bert}}, {"info", true, {bert, ada}}};
  EXPECT_EQ(role_recipients("ABUSE", charter, now), std::vector{bert});
  EXPECT_EQ(role_recipients("info", charter, now), (std::vector{bert, ada}));
  EXPECT_EQ(role_recipients("postmaster", charter, now), std::vector{ada});
  EXPECT_EQ(role_recipients("sales", charter, now), std::nullopt);
}

TEST(PersonRecord, KeepsAliasesAndIsWrittenAsBeforeWithoutAny) {
  simulation::Entropy entropy;
  Person person;
  person.addresses = {Address::parse("alice@pod.lab").value()};
  EXPECT_EQ(write_person(person).front(), 1);
  person.aliases = {{Address::parse("Ally@pod.lab").value(), entropy.bytes<32>(), Alias::Progress::in_force},
                    {Address::parse("a@second.lab").value(), entropy.bytes<32>(), Alias::Progress::pending}};
  const auto octets = write_person(person);
  EXPECT_EQ(octets.front(), 2);
  EXPECT_EQ(parse_person(octets), person);
  EXPECT_FALSE(parse_person("\x01" + octets.substr(1))) << "version 1 has no aliases";
  for (std::size_t i = 1; i <= 50; ++i) EXPECT_NE(parse_person(octets.substr(0, octets.size() - i)), person);
  person.aliases.resize(64, person.aliases.front());
  EXPECT_FALSE(parse_person(write_person(person))) << "65 addresses";
}

TEST(PersonRecord, HasOneRollOfSlotsAndOneSecondFactor) {
  Person person;
  person.addresses = {Address::parse("alice@pod.lab").value()};
  const auto with = [&](const SlotRoll& roll, const std::vector<base::ByteArray<32>>& codes) {
    person.slots = roll;
    person.second_factor = SecondFactor{7, codes};
    const auto octets = write_person(person);
    EXPECT_FALSE(parse_person("\x01" + octets.substr(1))) << "version 1 has neither";
    return parse_person(octets);
  };
  const SlotMark first{{1}, {2}};
  const SlotMark second{{1}, {3}};
  EXPECT_EQ(with({first, second}, {{4}, {5}}), person);
  EXPECT_EQ(with({}, {}), person);
  EXPECT_FALSE(with({second, first}, {}));
  EXPECT_FALSE(with({first, first}, {}));
  EXPECT_FALSE(with({}, {{5}, {4}}));
  EXPECT_FALSE(with(SlotRoll(longest_roll + 1, first), {}));
  person.slots_changed = base::from_seconds(253'402'300'800);
  EXPECT_FALSE(parse_person(write_person(person))) << "beyond the year 9999";
}

TEST(PersonRecord, RefusesWhatNoWriterMade) {
  simulation::Entropy entropy;
  Person person;
  person.id = MemberId{entropy.bytes<16>()};
  person.addresses = {Address::parse("alice@pod.lab").value()};
  const auto octets = write_person(person);
  EXPECT_EQ(parse_person(octets), person);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto cut = parse_person(octets.substr(0, i));
    if (cut) EXPECT_TRUE(cut->addresses.empty());
  }
  EXPECT_FALSE(parse_person(octets + "x"));
  EXPECT_FALSE(parse_person("\x02" + octets.substr(1)));
}

}  // namespace
}  // namespace mailpod::members
