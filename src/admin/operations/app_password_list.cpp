#include <array>

#include <mailpod/base/bytes.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

std::string_view name_of(members::SlotType type) {
  constexpr std::array<std::string_view, 8> names{"unknown",  "enrolment", "password",  "app",
                                                  "recovery", "session",   "send-only", "guest"};
  const auto index = static_cast<std::size_t>(type);
  return names.at(index < names.size() ? index : 0);
}

}  // namespace

Answer app_password_list(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto labels = premises.key_ring.list(address, text_argument(arguments, "secret"));
  if (!labels.has_value()) return complaint_for(labels.error(), address);
  json out = json::array();
  for (const auto& label : *labels) {
    json slot{{"slot", base::hex(base::octets(label.id))}, {"type", name_of(label.type)}, {"name", label.name}};
    if (label.expires) slot["expires"] = time_text(*label.expires);
    if (label.last_used != 0)
      slot["last_used"] = time_text(base::from_seconds(std::uint64_t{label.last_used} * 86'400)).substr(0, 10);
    out.push_back(std::move(slot));
  }
  return json{{"slots", std::move(out)}};
}

}  // namespace mailpod::admin
