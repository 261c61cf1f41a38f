#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <mailpod/base/log.hpp>

namespace mailpod::daemon {

/// The daemon's log, and an ear at it: which sealed files did not open, and which records of them were damaged. Each
/// library says so there, and nowhere else. Any thread.
class OverheardLog final : public base::Log {
public:
  explicit OverheardLog(base::Log& log) : log_(log) {}
  void write(Level level, std::string_view line) override;
  /// Warnings are heard even where the log does not want them.
  bool wants(Level level) const override { return level >= Level::warning || log_.wants(level); }

  /// How often each was said since this was last asked, by the words of the table in overheard_log.cpp.
  std::map<std::string, std::uint64_t> take();

private:
  base::Log& log_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> heard_;
};

}  // namespace mailpod::daemon
