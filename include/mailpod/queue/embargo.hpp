#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::queue {

/// Port: to whom the pod's own rules let no mail go. Any thread.
class Embargo {
public:
  virtual ~Embargo() = default;
  /// What a recipient is answered to whom nothing goes, for good: `550 5.7.1 …`. Nothing: mail may go. Asked whenever
  /// an entry is due, and again before it is handed over.
  virtual std::optional<std::string> refusal(std::string_view address) const = 0;
};

}  // namespace mailpod::queue
