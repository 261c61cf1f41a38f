#include "difference.hpp"

#include "settings_table.hpp"

namespace mailpod::daemon {

Difference difference_of(const Configuration& in_force, const Configuration& wanted) {
  Difference difference{wanted, {}, {}};
  for (const auto& setting : settings()) {
    const auto before = setting.get(in_force);
    if (before == setting.get(wanted)) continue;
    const bool at_once = setting.counts == Setting::Counts::from_reload;
    (at_once ? difference.changed : difference.need_restart)
        .push_back(fmt::format("{}.{}", setting.section, setting.name));
    // It was in force, so it is a value that the row takes.
    if (!at_once) setting.put(difference.next, before);
  }
  return difference;
}

}  // namespace mailpod::daemon
