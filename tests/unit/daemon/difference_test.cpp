#include "difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Configuration in_force() {
  Configuration configuration;
  configuration.domain = "pod.lab";
  return configuration;
}

TEST(ADifference, OfTheSameIsNone) {
  const auto difference = difference_of(in_force(), in_force());
  EXPECT_THAT(difference.changed, IsEmpty());
  EXPECT_THAT(difference.need_restart, IsEmpty());
}

TEST(ADifference, TakesWhatCountsAtOnceAndLeavesWhatIsSettledAtTheStart) {
  auto wanted = in_force();
  wanted.imap_session.idle_timeout = std::chrono::seconds(3600);
  wanted.smtp.max_connections = 7;
  wanted.smtp.port = 2525;
  wanted.dns.servers = {"192.0.2.53"};
  const auto difference = difference_of(in_force(), wanted);
  EXPECT_THAT(difference.changed, ElementsAre("listen.smtp.connections", "imap.idle_timeout_seconds"));
  EXPECT_THAT(difference.need_restart, ElementsAre("listen.smtp.port", "dns.servers"));
  EXPECT_EQ(difference.next.smtp.max_connections, 7U);
  EXPECT_EQ(difference.next.smtp.port, 25);
  EXPECT_THAT(difference.next.dns.servers, IsEmpty());
}

/// Of every row: what it has in force is a value that it takes, so that a reload never loses one.
TEST(ADifference, PutsBackWhateverIsSettledAtTheStart) {
  for (const auto& setting : settings()) {
    if (setting.counts != Setting::Counts::from_start) continue;
    auto copy = in_force();
    EXPECT_FALSE(setting.put(copy, setting.get(in_force())).has_value()) << setting.section << "." << setting.name;
  }
}

}  // namespace
}  // namespace mailpod::daemon
