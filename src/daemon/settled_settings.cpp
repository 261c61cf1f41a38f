#include <algorithm>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

/// What is built from these lives as long as the daemon. No name: all of the section; `listen.`: of every port.
struct SettledAtStart {
  std::string_view section;
  std::string_view name;
};
constexpr SettledAtStart settled_at_start[] = {
    {"pod", ""},
    {"listen.", "address"},
    {"listen.", "port"},
    {"listen.", "backlog"},
    {"listen.", "path"},
    {"sending", ""},
    {"messages", "memory_of_all_octets"},
    {"dns", ""},
    {"authentication", "enabled"},
    {"authentication", "timeout_milliseconds"},
    {"passwords", ""},
    {"process", "loops"},
    {"process", "threads"},
};

}  // namespace

bool is_settled_at_start(const Setting& setting) {
  return std::ranges::any_of(settled_at_start, [&](const SettledAtStart& row) {
    const bool same_section =
        row.section.ends_with('.') ? setting.section.starts_with(row.section) : setting.section == row.section;
    return same_section && (row.name.empty() || setting.name == row.name);
  });
}

}  // namespace mailpod::daemon
