#include "overheard_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mailpod::daemon {
namespace {

struct Sound {
  std::string_view line;  ///< how it begins
  std::string_view what;  ///< what the audit log calls it
};

constexpr std::array sounds{
    Sound{"arrival quarantined", "arrival-quarantined"},
    Sound{"file quarantined", "file-quarantined"},
    Sound{"arrival unreadable", "arrival-unreadable"},
    Sound{"journal finding", "journal-damaged"},
    Sound{"journal records without sense", "journal-damaged"},
    Sound{"archive recipient unreadable", "journal-damaged"},
    Sound{"delivery intent unreadable", "intent-unreadable"},
    Sound{"directory finding", "directory-damaged"},
    Sound{"dkim.damaged", "dkim-key-damaged"},
    Sound{"dkim.unread", "dkim-key-unread"},
    Sound{"queue.damaged", "queue-entry-damaged"},
};

}  // namespace

void OverheardLog::write(Level level, std::string_view line) {
  if (log_.wants(level)) log_.write(level, line);
  if (level < Level::warning) return;
  const auto* const sound = std::ranges::find_if(sounds, [&](const Sound& row) { return line.starts_with(row.line); });
  if (sound == sounds.end()) return;
  const std::lock_guard lock(mutex_);
  ++heard_[std::string(sound->what)];
}

std::map<std::string, std::uint64_t> OverheardLog::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(heard_, {});
}

}  // namespace mailpod::daemon
