#include <mailpod/delivery/srs.hpp>

#include <gtest/gtest.h>

#include <mailpod/text/ascii.hpp>

namespace mailpod::delivery {
namespace {

using std::chrono::days;

class SrsTest : public testing::Test {
protected:
  static std::string local_part(const std::string& address) { return address.substr(0, address.rfind('@')); }
  std::optional<std::string> there_and_back(const std::string& path, days later = days(0)) {
    const auto rewritten = srs.rewrite(path, "pod.lab", now);
    return rewritten ? srs.restore(local_part(*rewritten), now + later) : std::nullopt;
  }

  crypto::KeyArena arena;
  Srs srs{crypto::Key::copy_of(arena, std::string(32, 'k'))};
  Srs other{crypto::Key::copy_of(arena, std::string(32, 'o'))};
  base::Time now = base::from_seconds(1'767'225'600);
};

TEST_F(SrsTest, LeadsBackToTheAuthor) {
  const auto path = srs.rewrite("Smith.J@Client.example", "pod.lab", now);
  ASSERT_TRUE(path);
  EXPECT_TRUE(path->starts_with("SRS0=")) << *path;
  EXPECT_TRUE(path->ends_with("=client.example=Smith.J@pod.lab")) << *path;
  EXPECT_TRUE(Srs::is_rewritten(local_part(*path)));
  EXPECT_EQ(srs.restore(local_part(*path), now), "Smith.J@client.example");
  EXPECT_EQ(srs.restore(text::lower(local_part(*path)), now), "smith.j@client.example")
      << "as some servers send it back";
  EXPECT_EQ(there_and_back("a=b+c@client.example"), "a=b+c@client.example");
}

TEST_F(SrsTest, StaysTheSameForEver) {
  EXPECT_EQ(srs.rewrite("smith@client.example", "pod.lab", now), "SRS0=z2qtii=7g=client.example=smith@pod.lab");
}

TEST_F(SrsTest, LastsThreeWeeks) {
  EXPECT_TRUE(there_and_back("smith@client.example", days(21)));
  EXPECT_FALSE(there_and_back("smith@client.example", days(22)));
  EXPECT_FALSE(there_and_back("smith@client.example", days(-1)));
  for (int start = 0; start < 1030; ++start) {
    now += days(1);
    ASSERT_TRUE(there_and_back("smith@client.example", days(21))) << start;
    ASSERT_FALSE(there_and_back("smith@client.example", days(22))) << start;
  }
}

TEST_F(SrsTest, KnowsWhatItDidNotWrite) {
  const auto local = local_part(*srs.rewrite("smith@client.example", "pod.lab", now));
  EXPECT_FALSE(other.restore(local, now));
  for (std::size_t i = 5; i < local.size(); ++i) {
    std::string altered = local;
    altered[i] = altered[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(srs.restore(altered, now)) << altered;
    EXPECT_FALSE(srs.restore(local.substr(0, i), now)) << i;
  }
  for (const auto* bad : {"", "SRS0", "SRS0=", "SRS0==", "SRS0=a=b=c=d", "SRS1=a=b==c", "srs2=a=b=c=d", "smith"})
    EXPECT_FALSE(srs.restore(bad, now)) << bad;
}

TEST_F(SrsTest, PointsToTheFirstForwarderWhateverComesBetween) {
  const auto first = other.rewrite("smith@client.example", "first.example", now);
  const auto second = srs.rewrite(*first, "pod.lab", now);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->starts_with("SRS1=")) << *second;
  EXPECT_EQ(srs.restore(local_part(*second), now), first);
  // Long chains stay short: the third points to the first as well.
  const auto third = other.rewrite(*second, "third.example", now);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->size(), second->size() + std::string("third.example").size() - std::string("pod.lab").size());
  EXPECT_EQ(other.restore(local_part(*third), now), first);
  EXPECT_EQ(there_and_back("SRS0+abcd=xy=client.example=smith@first.example"),
            "SRS0+abcd=xy=client.example=smith@first.example");
}

TEST_F(SrsTest, SaysNothingThatDoesNotFit) {
  EXPECT_TRUE(srs.rewrite(std::string(34, 'x') + "@client.example", "pod.lab", now));
  EXPECT_FALSE(srs.rewrite(std::string(35, 'x') + "@client.example", "pod.lab", now)) << "65 octets";
  for (const auto* bad : {"", "smith", "\"s m\"@client.example", "a@[192.0.2.1]", "SRS1=x@other.example",
                          "SRS1=aaaaaa===client.example=smith@other.example"})
    EXPECT_FALSE(srs.rewrite(bad, "pod.lab", now)) << bad;
}

}  // namespace
}  // namespace mailpod::delivery
