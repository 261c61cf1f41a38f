#include "retention.hpp"

#include <system_error>

#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/delivery/member_notice.hpp>

namespace mailpod::daemon {
namespace {

constexpr std::string_view words = R"(The charter of {pod} says how long mail is kept here: {days} days.

From {day} on, messages go by themselves that came more than {days} days before,
whenever your mail is open. Nobody can read them then, and nobody can bring
them back.

What you want to keep:

    flag it (star it): flagged messages stay, however old they are
    drafts stay, too
    or take a copy: mailpod export {name} FOLDER

To have messages of one folder go sooner, see your mail program's folder
settings, or docs/data-protection.md.
)";

std::uint32_t charter_days(OpenPod& pod) {
  const auto roster = pod.registry().gate().roster();
  return roster->charters().at(pod.machine().clock.now()).privacy.retention_days;
}

std::string day_text(base::Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace

std::uint32_t days_kept(OpenPod& pod) {
  const auto days = charter_days(pod);
  const auto told = pod.directory().state()->retention();
  const bool was_told = told.days != 0 && days >= told.days;
  if (days == 0 || !was_told || pod.machine().clock.now() < told.at + retention_notice) return 0;
  return days;
}

void note_retention(OpenPod& pod, MemberId member, std::uint64_t messages) {
  const auto people = pod.directory().state();
  const auto* person = people->find(member);
  if (person == nullptr) return;
  pod.audit().write({governance::AuditEvent::Kind::retention,
                     {{"rule", "charter"},
                      {"days", fmt::format("{}", charter_days(pod))},
                      {"member", admin::audit_mark(*person)},
                      {"messages", fmt::format("{}", messages)}}});
}

void RetentionAnnouncement::tend() {
  const auto days = charter_days(pod_);
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
  pod_.directory().remember_retention({days, std::chrono::floor<std::chrono::seconds>(pod_.machine().clock.now())});
  told_.clear();
}

bool RetentionAnnouncement::tell(MemberId member, std::uint32_t days) {
  auto& log = pod_.machine().log;
  const auto people = pod_.directory().state();
  const auto* person = people->find(member);
  if (person == nullptr || person->addresses.empty()) return true;
  const auto begins = pod_.machine().clock.now() + retention_notice;
  const auto text =
      fmt::format(fmt::runtime(words), fmt::arg("pod", people->domains().front()), fmt::arg("days", days),
                  fmt::arg("day", day_text(begins)), fmt::arg("name", person->addresses.front().local_part));
  try {
    auto arrival = delivery::put_notice(pod_.household(), member, {"How long your mail is kept", text});
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
