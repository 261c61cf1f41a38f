#include "retention.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/delivery/member_notice.hpp>

namespace mailpod::daemon {
namespace {

constexpr std::string_view words = R"(The charter of {pod} says how long mail is kept here: {days} days.

From {day} on, and not before your mail has been opened for 30 days after this,
messages go by themselves that came more than {days} days before, whenever your
mail is open. Nobody can read them then, and nobody can bring
them back.

What you want to keep:

    flag it (star it): flagged messages stay, however old they are
    drafts stay, too, and what came before you read this stays until you read it
    or take a copy: mailpod export {name} FOLDER

To have messages of one folder go sooner, see your mail program's folder
settings, or docs/data-protection.md.
)";

std::uint32_t days_at(const governance::CharterChain& charters, base::Time time) {
  const auto& charter = charters.at(time);
  return time < charter.effective ? 0 : charter.privacy.retention_days;
}

std::string day_text(base::Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace

PodRetention::PodRetention(OpenPod& pod)
    : pod_(pod),
      time_(pod.machine().clock, pod.directory(), pod.registry()),
      is_remembered_(pod.directory().state()->time() != base::Time{}),
      began_(pod.machine().clock.monotonic()) {}

base::Time PodRetention::now() const {
  const auto now = time_.now();
  if (is_remembered_) return now;
  const auto signed_at = pod_.registry().gate().roster()->confirmed();
  return std::min<base::Time>(now, signed_at + (pod_.machine().clock.monotonic() - began_));
}

base::Time PodRetention::announced() const {
  return pod_.directory().state()->retention().at;
}

bool PodRetention::has_begun() const {
  const auto time = now();
  return pod_.registry().gate().roster()->charters().at(time).effective <= time;
}

std::uint32_t PodRetention::charter_days() const {
  const auto roster = pod_.registry().gate().roster();
  const auto by_pod = days_at(roster->charters(), now());
  const auto by_clock = days_at(roster->charters(), pod_.machine().clock.now());
  return by_pod == 0 || by_clock == 0 ? 0 : std::max(by_pod, by_clock);
}

std::uint32_t PodRetention::announced_days() const {
  const auto days = charter_days();
  const auto told = pod_.directory().state()->retention();
  return told.days != 0 && days >= told.days ? days : 0;
}

std::uint32_t PodRetention::days_kept() const {
  return now() < announced() + retention_notice ? 0 : announced_days();
}

void PodRetention::note(MemberId member, std::uint64_t messages) {
  const auto people = pod_.directory().state();
  const auto* person = people->find(member);
  if (person == nullptr) return;
  pod_.audit().write({governance::AuditEvent::Kind::retention,
                      {{"rule", "charter"},
                       {"days", fmt::format("{}", charter_days())},
                       {"member", admin::audit_mark(*person)},
                       {"messages", fmt::format("{}", messages)}}});
}

void RetentionAnnouncement::tend() {
  if (!retention_.has_begun()) return;
  const auto days = retention_.charter_days();
  const auto told = pod_.directory().state()->retention();
  if (days == told.days) return;
  if (days == 0 || (told.days != 0 && days > told.days)) {
    // Nobody loses by it: it counts at once, and what is stricter later is told anew.
    pod_.directory().remember_retention({days, told.at});
    return;
  }
  if (telling_ != days) told_.clear();
  telling_ = days;
  bool all = true;
  const auto people = pod_.directory().state();
  for (const auto& [id, person] : people->people()) {
    if (person->has_card() && !told_.contains(id)) all = tell(id, days) && all;
  }
  if (!all) return;
  pod_.directory().remember_retention({days, std::chrono::floor<std::chrono::seconds>(retention_.now())});
  told_.clear();
}

bool RetentionAnnouncement::tell(MemberId member, std::uint32_t days) {
  auto& log = pod_.machine().log;
  const auto people = pod_.directory().state();
  const auto* person = people->find(member);
  if (person == nullptr || person->addresses.empty()) return true;
  const auto begins = retention_.now() + retention_notice;
  const auto text =
      fmt::format(fmt::runtime(words), fmt::arg("pod", people->domains().front()), fmt::arg("days", days),
                  fmt::arg("day", day_text(begins)), fmt::arg("name", person->addresses.front().local_part));
  try {
    auto arrival =
        delivery::put_notice(pod_.household(), member, {"How long your mail is kept", text, {}, store::Flags::flagged});
    if (!arrival.has_value()) {
      // Of somebody whose card is damaged nothing can be said to them; that is said elsewhere.
      log.warning("retention not told member={} reason=\"{}\"", member.str(), arrival.error().message());
    } else {
      announce_(member, std::move(*arrival));
    }
    told_.insert(member);
    return true;
  } catch (const std::system_error& failure) {
    log.warning("retention not told yet member={} reason=\"{}\"", member.str(), base::printable(failure.what()));
    return false;
  }
}

}  // namespace mailpod::daemon
