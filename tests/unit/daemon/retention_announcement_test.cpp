#include <cerrno>
#include <fstream>
#include <sstream>

#include "members_desk.hpp"
#include "retention.hpp"

// A charter that has mail go after 30 days: members are told, and have 30 days from then on.
namespace mailpod::daemon {
namespace {

std::string rules() {
  std::ifstream in(std::string(MAILPOD_SOURCE_DIR) + "/config/charters/association.toml");
  std::ostringstream octets;
  octets << in.rdbuf();
  auto text = octets.str();
  const std::string kept = "retention_days = 0";
  text.replace(text.find(kept), kept.size(), "retention_days = 30");
  return text;
}

class Announced : public MembersDesk {
protected:
  Announced() : MembersDesk(rules()) { begin(); }

  void begin() {
    retention.emplace(*pod);
    announcement.emplace(*pod, *retention, [this](MemberId, const store::Arrival&) { ++announced; });
  }

  std::size_t letters() {
    const auto id = pod->directory().state()->find("alice")->id;
    return disk.list("/srv/pod/members/" + id.str() + "/Maildir/new").size();
  }

  std::size_t announced = 0;
  std::optional<PodRetention> retention;
  std::optional<RetentionAnnouncement> announcement;
};

TEST_F(Announced, RetentionDeletesNothingBeforeItsDaysOfNotice) {
  const auto before = letters();
  EXPECT_EQ(retention->days_kept(), 0U);
  announcement->tend();
  announcement->tend();
  EXPECT_EQ(letters(), before + 1);
  EXPECT_EQ(announced, 1U);
  EXPECT_EQ(pod->directory().state()->retention().days, 30U);
  clock.advance(std::chrono::days(29));
  EXPECT_EQ(retention->days_kept(), 0U);
  clock.advance(std::chrono::days(1));
  EXPECT_EQ(retention->days_kept(), 30U);
}

TEST_F(Announced, RetentionWaitsForWhomItCouldNotTell) {
  const auto before = letters();
  disk.fail_from_call(disk.calls() + 1, ENOSPC);
  announcement->tend();
  EXPECT_EQ(pod->directory().state()->retention().days, 0U);
  clock.advance(std::chrono::days(60));
  EXPECT_EQ(retention->days_kept(), 0U);
  disk.heal();
  announcement->tend();
  EXPECT_EQ(letters(), before + 1);
  EXPECT_EQ(retention->days_kept(), 0U);
  clock.advance(std::chrono::days(30));
  EXPECT_EQ(retention->days_kept(), 30U);
}

TEST_F(Announced, RetentionDoesNotBelieveAClockThatJumpsTenYears) {
  announcement->tend();
  clock.set(clock.now() + std::chrono::days(3650));
  EXPECT_EQ(retention->days_kept(), 0U);
  EXPECT_LT(retention->now(), clock.now() - std::chrono::days(3000));
  clock.advance(std::chrono::days(29));
  EXPECT_EQ(retention->days_kept(), 0U);
}

TEST_F(Announced, RetentionDoesNotBelieveAClockThatHasJumpedWhereNoTimeIsRemembered) {
  announcement->tend();
  announcement.reset();
  retention.reset();
  desk.reset();
  pod.reset();
  clock.set(clock.now() + std::chrono::days(3650));
  pod = OpenPod::open(machine(), {"/srv/pod"}, read_configuration(disk, "/srv/pod").value()).value();
  begin();
  ASSERT_EQ(pod->directory().state()->time(), base::Time{});
  EXPECT_EQ(retention->days_kept(), 0U);
  EXPECT_LT(retention->now(), clock.now() - std::chrono::days(3000));
}

TEST_F(Announced, RetentionIsNotToldInTheYearOfALostClock) {
  const auto before = letters();
  const auto today = clock.now();
  clock.set(base::from_seconds(86'400));
  announcement->tend();
  EXPECT_EQ(letters(), before);
  EXPECT_EQ(pod->directory().state()->retention().days, 0U);
  clock.set(today);
  EXPECT_EQ(retention->days_kept(), 0U);
  announcement->tend();
  EXPECT_EQ(letters(), before + 1);
}

TEST_F(Announced, RetentionThatIsStricterIsToldAnew) {
  pod->directory().remember_retention({90, clock.now()});
  clock.advance(std::chrono::days(60));
  EXPECT_EQ(retention->days_kept(), 0U) << "of 30 days nobody was told";
  announcement->tend();
  EXPECT_EQ(announced, 1U);
}

TEST_F(Announced, RetentionThatIsMilderCountsAtOnce) {
  pod->directory().remember_retention({7, base::from_seconds(1767225600)});
  clock.advance(std::chrono::days(31));
  EXPECT_EQ(retention->days_kept(), 30U);
  announcement->tend();
  EXPECT_EQ(announced, 0U);
  EXPECT_EQ(pod->directory().state()->retention().days, 30U);
}

}  // namespace
}  // namespace mailpod::daemon
