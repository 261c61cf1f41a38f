#pragma once

#include <string_view>

#include <fmt/format.h>

namespace mailpod::base {

/// Where the daemon says what it did, one line an event: `event key=value …`.
///
/// A line never holds a subject, a body, a credential, an AUTH line or a mail address in clear (use Pseudonyms for
/// these); client IP addresses may stand. Callable from any thread.
class Log {
public:
  enum class Level { debug, info, warning, error };

  virtual ~Log() = default;
  virtual void write(Level level, std::string_view line) = 0;
  virtual bool wants(Level level) const = 0;

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (wants(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    if (wants(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    if (wants(Level::warning)) write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    if (wants(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
  }
};

/// Swallows everything; for tests and one-shot commands.
Log& silent_log();

/// A peer's octets made safe for one log line: control and non-ASCII octets as \xNN, at most `limit` octets of input.
std::string printable(std::string_view octets, std::size_t limit = 80);

}  // namespace mailpod::base
