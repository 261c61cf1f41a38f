#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <mailpod/base/log.hpp>

namespace mailpod::simulation {

/// Wants every line and remembers it: one that cannot be formatted throws in the test, as it would in the daemon.
/// Callable from any thread; read the lines when nobody writes.
class AttentiveLog final : public base::Log {
public:
  void write(Level, std::string_view line) override {
    const std::lock_guard guard(mutex_);
    lines.emplace_back(line);
  }
  bool wants(Level) const override { return true; }
  std::vector<std::string> lines;

private:
  std::mutex mutex_;
};

}  // namespace mailpod::simulation
