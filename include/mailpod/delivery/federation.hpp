#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/queue/embargo.hpp>
#include <mailpod/queue/spool.hpp>

namespace mailpod::governance {
class Gate;
}
namespace mailpod::members {
class Directory;
}

namespace mailpod::delivery {

/// Keeps mail that waits from going to whom the pod exchanges none with any more. What counts is asked of the gate each
/// time; what waits for its next try in hours is looked for when that has changed. docs/federation.md. Any thread.
class Federation final : public queue::Embargo {
public:
  /// Borrowed; outlives it.
  struct Ports {
    const governance::Gate& gate;
    const members::Directory& directory;
    base::Clock& clock;
    base::Log& log;
  };
  explicit Federation(const Ports& ports) : ports_(ports) {}

  std::optional<std::string> refusal(std::string_view address) const override;

  /// Which rules count, in a number that is another one once others do: a charter took effect, or there was an act.
  struct Version {
    std::uint64_t charter = 0;
    std::size_t acts = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  Version version() const;
  /// Makes due what waits for somebody to whom nothing goes any more, so that its submitter hears of it. How many
  /// entries there were. Those that are held stay so. Blocking. I/O failure throws std::system_error.
  std::size_t stop_what_waits(queue::Spool& queue, const std::function<void(const queue::EntryId&)>& look_at) const;

private:
  bool is_to_be_stopped(const queue::Entry& entry) const;

  Ports ports_;
};

}  // namespace mailpod::delivery
