#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "configuration.hpp"

namespace mailpod::daemon {

/// A value as TOML knows it.
using Value = std::variant<std::int64_t, std::string, std::vector<std::string>, std::vector<std::int64_t>, bool>;

/// One key of mailpod.toml: the only place that knows its name, its range, its meaning and where its value goes.
struct Setting {
  std::string_view section;
  std::string_view name;
  std::string_view comment;
  enum class Presence { optional, required } presence = Presence::optional;
  /// Puts the value into the configuration, or says what it must be instead ("a whole number from 1 to 10").
  std::function<std::optional<std::string>(Configuration&, const Value&)> put;
  std::function<Value(const Configuration&)> get;
  /// When a changed value counts: with the next reload, for what begins then; or when the daemon starts next.
  enum class Counts { from_reload, from_start } counts = Counts::from_reload;
};

/// All of them, in the order of the file.
std::span<const Setting> settings();

/// Whether what is built from it lives as long as the daemon: Setting::Counts::from_start.
bool is_settled_at_start(const Setting& setting);

/// A value as it is written in the file.
std::string literal(const Value& value);

/// A setting's comment, and that a reload does not change it, where that is not said of its whole section.
std::string comment_on(const Setting& setting);

/// What stands above a section's first key; empty if it speaks for itself.
std::string_view section_comment(std::string_view section);

}  // namespace mailpod::daemon
