#include <mailpod/queue/suppressions.hpp>

#include <system_error>

#include <gtest/gtest.h>

#include "../../../src/queue/sealed_entry.hpp"
#include "queue_samples.hpp"
#include "simulation/frozen.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view path = "/queue/suppressed";
const base::Time now = base::from_seconds(1'767'225'600);

std::vector<Suppression> full_list() {
  return {{"[192.0.2.1]", now, {}, {}},
          {"bob@example.org", base::from_micros(1'767'225'600'123'456), now + 24h, "bounces; told him"},
          {"xn--bcher-kva.example", now, {}, "bücher.example"}};
}

TEST(Suppressed, IsAnAddressOrADomainInOneForm) {
  const auto is = [](std::string_view text) { return parse_suppressed(text).value_or("nothing"); };
  EXPECT_EQ(is("Example.ORG"), "example.org");
  EXPECT_EQ(is("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(is("[192.0.2.1]"), "[192.0.2.1]");
  EXPECT_EQ(is("[IPv6:2001:DB8::1]"), "[ipv6:2001:db8::1]");
  EXPECT_EQ(is("[ipv6:2001:db8::1]"), "[ipv6:2001:db8::1]");
  EXPECT_EQ(is("Bob.Smith+x@Example.org"), "bob.smith+x@example.org");
  EXPECT_EQ(is("jürgen@bücher.example"), "jürgen@xn--bcher-kva.example");
  EXPECT_EQ(is("\"Bob Smith\"@example.org"), "\"bob smith\"@example.org");
  EXPECT_EQ(is("root@intranet"), "root@intranet");
}

TEST(Suppressed, IsNothingElse) {
  const std::string long_label(64, 'a');
  const std::string long_name(254, 'a');
  for (const std::string& text : {std::string(),
                                  std::string("bob"),
                                  std::string("@example.org"),
                                  std::string("bob@"),
                                  std::string("example..org"),
                                  std::string("example.org."),
                                  std::string(".example.org"),
                                  std::string("exam ple.org"),
                                  std::string("*.example"),
                                  std::string("<bob@example.org>"),
                                  std::string("a b@example.org"),
                                  std::string("bob@exa\nmple.org"),
                                  std::string("bo\nb@example.org"),
                                  std::string("bo\xff@example.org"),
                                  std::string("[300.1.1.1]"),
                                  std::string("a@b@example.org"),
                                  std::string("bob,joe@example.org"),
                                  long_label + ".org",
                                  long_label + "a@example.org",
                                  long_name + ".org"})
    EXPECT_FALSE(parse_suppressed(text)) << text;
}

TEST(Suppressed, CoversAnAddressAndNoOtherOrADomainAndNoneBelow) {
  EXPECT_TRUE(covers("bob@example.org", "Bob@EXAMPLE.org"));
  EXPECT_FALSE(covers("bob@example.org", "joe@example.org"));
  EXPECT_TRUE(covers("example.org", "joe@Example.Org"));
  EXPECT_FALSE(covers("example.org", "joe@mail.example.org"));
  EXPECT_FALSE(covers("example.org", "joe@badexample.org"));
  EXPECT_TRUE(covers("xn--bcher-kva.example", "joe@bücher.example"));
}

TEST(SuppressionList, HasTheEncodingOfVersionOne) {
  const auto frozen = simulation::frozen("queue-suppressed-1.bin", [] { return encode(full_list()); });
  EXPECT_EQ(base::hex(encode(full_list())), base::hex(frozen));
  EXPECT_EQ(decode_suppressions(frozen).value(), full_list());
}

TEST(SuppressionList, OfVersionOneOpensForEver) {
  QueueWorld world;
  const auto key = queue_key_of(world.arena, world.server_key);
  const auto file = simulation::frozen("queue-suppressed-1",
                                       [&] { return write_suppressed_file(encode(full_list()), key, world.entropy); });
  EXPECT_EQ(decode_suppressions(parse_suppressed_file(file, key).value()).value(), full_list());
}

TEST(SuppressionList, ThatIsNotWhatWasWrittenIsRefused) {
  const std::string whole = encode(full_list());
  const std::size_t first = encode(std::vector<Suppression>{full_list()[0]}).size();
  const std::size_t second = encode(std::vector<Suppression>{full_list()[0], full_list()[1]}).size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const bool ends_between = size == 1 || size == first || size == second;
    EXPECT_EQ(decode_suppressions(whole.substr(0, size)).has_value(), ends_between) << size;
  }
  EXPECT_EQ(decode_suppressions(whole + "x").error(), Errc::damaged);
  EXPECT_EQ(decode_suppressions("\x02" + whole.substr(1)).error(), Errc::unknown_version);
  EXPECT_EQ(decode_suppressions(encode({full_list()[1], full_list()[0]})).error(), Errc::damaged) << "out of order";
  EXPECT_EQ(decode_suppressions(encode({full_list()[0], full_list()[0]})).error(), Errc::damaged) << "twice";
}

class SuppressionsTest : public testing::Test {
protected:
  SuppressionsTest() { disk.make_directory("/queue"); }
  Suppressions open(base::Disk& on) { return Suppressions(world.ports(on), "/queue"); }
  Suppression one(std::string what) const { return {std::move(what), now, {}, {}}; }

  QueueWorld world;
  simulation::Disk disk;
};

TEST_F(SuppressionsTest, StandAfterARestartUntilTheyAreTakenBack) {
  {
    auto suppressions = open(disk);
    suppressions.add(one("example.org")).value();
    suppressions.add({"bob@other.example", now, now + 24h, "bounces"}).value();
  }
  const auto octets = base::read_file(disk, std::string(path), 1 << 20);
  EXPECT_EQ(octets.find("example"), std::string::npos) << "in clear";
  auto suppressions = open(disk);
  EXPECT_TRUE(suppressions.find("anybody@Example.org", now));
  EXPECT_EQ(suppressions.find("Bob@other.example", now).value().reason, "bounces");
  EXPECT_FALSE(suppressions.find("joe@other.example", now));
  suppressions.remove("example.org", now).value();
  EXPECT_FALSE(open(disk).find("anybody@example.org", now));
  EXPECT_EQ(suppressions.remove("example.org", now).error(), Errc::not_suppressed);
  suppressions.remove("bob@other.example", now).value();
  EXPECT_FALSE(disk.status(std::string(path))) << "a file that nobody needs";
}

TEST_F(SuppressionsTest, EndByThemselves) {
  auto suppressions = open(disk);
  suppressions.add({"example.org", now, now + 1h, {}}).value();
  EXPECT_TRUE(suppressions.find("bob@example.org", now + 1h - 1us));
  EXPECT_FALSE(suppressions.find("bob@example.org", now + 1h));
  EXPECT_EQ(suppressions.list(now + 30min).value().size(), 1U);
  EXPECT_TRUE(suppressions.list(now + 1h).value().empty());
  EXPECT_EQ(suppressions.remove("example.org", now + 1h).error(), Errc::not_suppressed);
}

TEST_F(SuppressionsTest, AreReplacedByWhatIsSaidLater) {
  auto suppressions = open(disk);
  suppressions.add({"example.org", now, now + 1h, "first"}).value();
  suppressions.add({"example.org", now + 10min, {}, "second"}).value();
  EXPECT_EQ(suppressions.list(now + 2h).value(),
            (std::vector<Suppression>{{"example.org", now + 10min, std::nullopt, "second"}}));
}

TEST_F(SuppressionsTest, AreNoMoreThanThereIsRoomFor) {
  std::vector<Suppression> list;
  for (std::size_t i = 0; i < Suppressions::most; ++i) {
    auto number = std::to_string(i);
    number.insert(0, 5 - number.size(), '0');
    list.push_back({number + std::string(59, 'a') + "@" + number + ".example", now, now + 1h, std::string(200, 'r')});
  }
  const auto key = queue_key_of(world.arena, world.server_key);
  base::replace_file(disk, std::string(path), write_suppressed_file(encode(list), key, world.entropy));
  auto suppressions = open(disk);
  EXPECT_EQ(suppressions.list(now).value().size(), Suppressions::most);
  EXPECT_EQ(suppressions.add(one("one.more.example")).error(), Errc::too_many_suppressed);
  EXPECT_FALSE(suppressions.find("bob@one.more.example", now));
  suppressions.add({list[7].what, now, {}, "known already"}).value();
  suppressions.add({"one.more.example", now + 1h, {}, {}}).value();
  EXPECT_EQ(open(disk).list(now).value().size(), 2U) << "what has ended makes room";
}

TEST_F(SuppressionsTest, LeaveAFileThatCannotBeReadAsItIs) {
  open(disk).add(one("example.org")).value();
  auto octets = base::read_file(disk, std::string(path), 1 << 20);
  for (std::size_t place = 0; place < octets.size(); place += place < 40 ? 1 : 97) {
    octets[place] = static_cast<char>(octets[place] ^ 1);
    base::replace_file(disk, std::string(path), octets);
    auto suppressions = open(disk);
    const auto wrong = place == 4 ? Errc::unknown_version : Errc::damaged;
    EXPECT_EQ(suppressions.list(now).error(), wrong) << place;
    EXPECT_EQ(suppressions.add(one("other.example")).error(), wrong);
    EXPECT_EQ(suppressions.remove("example.org", now).error(), wrong);
    EXPECT_FALSE(suppressions.find("bob@example.org", now));
    EXPECT_EQ(base::read_file(disk, std::string(path), 1 << 20), octets);
    octets[place] = static_cast<char>(octets[place] ^ 1);
  }
}

TEST_F(SuppressionsTest, AreAsBeforeOrAsAskedWhereverThePowerGoes) {
  open(disk).add(one("first.example")).value();
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    auto suppressions = open(*machine);
    machine->crash_at_call(machine->calls() + call);
    bool added = false;
    bool removed = false;
    try {
      suppressions.add(one("second.example")).value();
      added = true;
      suppressions.remove("first.example", now).value();
      removed = true;
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto after = machine->crash(seed);
      const auto spool = world.open(*after);
      const auto has = [&](const char* address) { return spool->suppressions().find(address, now).has_value(); };
      ASSERT_TRUE(spool->suppressions().list(now)) << "call " << call << " seed " << seed;
      if (added) EXPECT_TRUE(has("a@second.example")) << "call " << call << " seed " << seed;
      if (!added) EXPECT_TRUE(has("a@first.example")) << "call " << call << " seed " << seed;
      if (removed) EXPECT_FALSE(has("a@first.example")) << "call " << call << " seed " << seed;
      for (const auto& file : after->list("/queue")) EXPECT_EQ(file.name, "suppressed") << "a leftover";
    }
    if (removed) break;
  }
}

}  // namespace
}  // namespace mailpod::queue
