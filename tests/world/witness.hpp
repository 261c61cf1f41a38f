#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <mailpod/base/log.hpp>

#include "simulation/clock.hpp"

namespace mailpod::world {

/// Who sees everything that happens in a world and remembers it: the trace that a failing run prints, and what was
/// found wrong. Also the pod's log.
class Witness final : public base::Log {
public:
  explicit Witness(simulation::Clock& clock) : clock_(clock) {}

  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    remember(fmt::format(format, std::forward<Args>(args)...));
  }
  /// Something that must not be.
  void accuse(std::string what) {
    remember("WRONG: " + what);
    if (what_is_wrong_.empty()) what_is_wrong_ = std::move(what);
  }
  bool is_content() const { return what_is_wrong_.empty(); }
  /// The first accusation, which the others may follow from.
  const std::string& what_is_wrong() const { return what_is_wrong_; }
  const std::vector<std::string>& trace() const { return trace_; }

  void write(Level, std::string_view line) override {
    note("pod: {}", line);
    if (on_log) on_log(line);
  }
  bool wants(Level level) const override { return level > Level::debug; }
  std::function<void(std::string_view)> on_log;

private:
  void remember(const std::string& line) {
    trace_.push_back(fmt::format("{:>14.6f} {}", static_cast<double>(clock_.monotonic().count()) / 1e6, line));
  }

  simulation::Clock& clock_;
  std::vector<std::string> trace_;
  std::string what_is_wrong_;
};

}  // namespace mailpod::world
