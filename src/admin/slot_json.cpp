#include "slot_json.hpp"

#include <array>

namespace mailpod::admin {

std::string_view name_of(members::SlotType type) {
  constexpr std::array<std::string_view, 8> names{"unknown",  "enrolment", "password",  "app",
                                                  "recovery", "session",   "send-only", "guest"};
  const auto index = static_cast<std::size_t>(type);
  return names.at(index < names.size() ? index : 0);
}

}  // namespace mailpod::admin
