#include "audit_keeper.hpp"

#include <system_error>

#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/crypto/digest.hpp>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

using governance::AuditEvent;
using Kind = AuditEvent::Kind;

/// Less is how clocks are kept right.
constexpr std::chrono::seconds jump{60};
constexpr std::size_t largest_note_of_settings = 256 * 1024;
constexpr std::size_t digest_octets = 8;

std::string day_text(base::Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::map<std::string, std::string> read_settings_note(base::Disk& disk, const std::string& path) {
  std::map<std::string, std::string> out;
  if (!disk.status(path)) return out;
  const auto octets = base::read_file(disk, path, largest_note_of_settings);
  std::string_view rest = octets;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto space = line.find(' ');
    if (space != std::string_view::npos) out.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return out;
}

}  // namespace

AuditKeeper::AuditKeeper(OpenPod& pod)
    : pod_(pod),
      time_(pod.machine().clock, pod.directory(), pod.registry()),
      last_wall_(pod.machine().clock.now()),
      last_monotonic_(pod.machine().clock.monotonic()) {}

/// Which settings differ is known by a digest of each, in audit/settings; what they were stands nowhere.
AuditKeeper::Settings AuditKeeper::note(const Configuration& configuration) {
  auto& disk = pod_.machine().disk;
  const auto path = base::join(pod_.folder().audit(), "settings");
  Settings out;
  std::string lines;
  const auto before = read_settings_note(disk, path);
  for (const auto& setting : settings()) {
    const auto name = fmt::format("{}.{}", setting.section, setting.name);
    const auto value = crypto::sha256(name + "=" + literal(setting.get(configuration)));
    const auto digest = base::hex(base::octets(value).substr(0, digest_octets));
    lines += name + " " + digest + "\n";
    const auto was = before.find(name);
    const bool differs = !before.empty() && (was == before.end() || was->second != digest);
    if (differs) out.changed += (out.changed.empty() ? "" : ",") + name;
  }
  out.digest = base::hex(base::octets(crypto::sha256(lines)));
  if (!disk.status(pod_.folder().audit())) disk.make_directory(pod_.folder().audit());
  base::replace_file(disk, path, lines);
  return out;
}

void AuditKeeper::began(const Configuration& configuration) {
  std::string after = "unknown";
  Settings noted;
  try {
    after = pod_.audit().ended_by();
    noted = note(configuration);
  } catch (const std::system_error& failure) {
    pod_.machine().log.error("audit behind reason=\"{}\"", base::printable(failure.what()));
  }
  pod_.audit().write({Kind::start,
                      {{"version", governance::audit_value(MAILPOD_VERSION)},
                       {"after", after},
                       {"configuration", governance::audit_value(noted.digest)},
                       {"changed", governance::audit_value(noted.changed)}}});
  make_room();
}

void AuditKeeper::reloaded(const Configuration& configuration, const std::vector<std::string>& at_restart) {
  Settings noted;
  try {
    noted = note(configuration);
  } catch (const std::system_error& failure) {
    pod_.machine().log.error("audit behind reason=\"{}\"", base::printable(failure.what()));
  }
  pod_.audit().write({Kind::configuration,
                      {{"sha256", governance::audit_value(noted.digest)},
                       {"changed", governance::audit_value(noted.changed)},
                       {"at-restart", governance::audit_value(fmt::format("{}", fmt::join(at_restart, ",")))}}});
}

void AuditKeeper::tend() {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEvent> events;
  const bool is_another_day = base::to_day(pod_.machine().clock.now()) != base::to_day(last_wall_);
  // The day that is over, not the one that begins.
  if (is_another_day) take_logins(events);
  look_at_clock(events);
  take_what_was_heard(events);
  if (!events.empty()) pod_.audit().write(events);
  if (is_another_day) make_room();
}

void AuditKeeper::ended() {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEvent> events;
  take_logins(events);
  take_what_was_heard(events);
  events.push_back({Kind::stop, {}});
  pod_.audit().write(events);
  try {
    [[maybe_unused]] const auto signed_last = pod_.audit().checkpoint();
  } catch (const std::system_error& failure) {
    pod_.machine().log.error("audit without a checkpoint reason=\"{}\"", base::printable(failure.what()));
  }
}

void AuditKeeper::look_at_clock(std::vector<AuditEvent>& events) {
  auto& clock = pod_.machine().clock;
  const auto wall = clock.now();
  const auto monotonic = clock.monotonic();
  const auto jumped =
      std::chrono::duration_cast<std::chrono::seconds>((wall - last_wall_) - (monotonic - last_monotonic_));
  last_wall_ = wall;
  last_monotonic_ = monotonic;
  if (jumped >= jump) events.push_back({Kind::clock, {{"ahead", fmt::format("{}", jumped.count())}}});
  if (jumped <= -jump) events.push_back({Kind::clock, {{"behind", fmt::format("{}", -jumped.count())}}});
}

void AuditKeeper::take_what_was_heard(std::vector<AuditEvent>& events) {
  if (heard_ == nullptr) return;
  for (const auto& [what, times] : heard_->take())
    events.push_back({Kind::sealed, {{"what", what}, {"times", fmt::format("{}", times)}}});
}

void AuditKeeper::take_logins(std::vector<AuditEvent>& events) {
  const auto counts = logins_.take();
  const auto day = day_text(last_wall_);
  const auto people = pod_.directory().state();
  for (const auto& [member, by_listener] : counts.members) {
    // Of who has left since, nothing is kept.
    const auto* person = people->find(member);
    if (person == nullptr) continue;
    events.push_back(
        {Kind::logins, {{"day", day}, {"member", admin::audit_mark(*person)}, {"count", counts_text(by_listener)}}});
  }
  if (!counts.refused.empty())
    events.push_back({Kind::refused_logins, {{"day", day}, {"count", counts_text(counts.refused)}}});
}

/// By the pod's own time: who moves the clock forward has nothing removed that is not old.
void AuditKeeper::make_room() {
  const auto ahead = std::chrono::ceil<std::chrono::days>(pod_.machine().clock.now() - time_.now());
  const auto roster = pod_.registry().gate().roster();
  const auto& charter = roster->charters().at(pod_.machine().clock.now());
  try {
    pod_.audit().remove_older_than(std::chrono::days(charter.privacy.log_days) + ahead);
  } catch (const std::system_error& failure) {
    pod_.machine().log.error("audit not shortened reason=\"{}\"", base::printable(failure.what()));
  }
}

}  // namespace mailpod::daemon
