#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <mailpod/base/current.hpp>
#include <mailpod/base/log.hpp>

namespace mailpod::base {

struct LogSettings {
  Log::Level level = Log::Level::info;
  /// Appended to, besides standard error; made with mode 0600. Empty: standard error only.
  std::string file;
};

/// The daemon's log, by spdlog: `2026-01-01T00:00:00.000Z info event key=value`. Callable from any thread.
/// Each line is written at once. Control octets in a line are escaped, so that one event stays one line.
class SpdlogLog final : public Log {
public:
  /// Throws std::system_error if the file cannot be opened.
  explicit SpdlogLog(const LogSettings& settings);
  ~SpdlogLog() override;

  /// From now on as these settings say; a file is opened anew, so that what rotated the old one away has it for
  /// itself. Throws std::system_error if it cannot be opened, and goes on as before.
  void reopen(const LogSettings& settings);

  void write(Level level, std::string_view line) override;
  bool wants(Level level) const override { return level >= level_; }

private:
  struct Sinks;
  static std::shared_ptr<const Sinks> open(const LogSettings& settings);
  std::atomic<Level> level_;
  base::Current<Sinks> sinks_;
};

}  // namespace mailpod::base
