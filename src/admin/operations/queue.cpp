#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../queue_entry.hpp"

namespace mailpod::admin {

/// In the order in which they are tried. An entry that cannot be read is listed with what is readable at rest.
Answer queue_list(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  json out = json::array();
  for (const auto& summary : premises.queue.list()) {
    const auto entry = premises.queue.show(summary.id);
    if (entry.has_value()) {
      out.push_back(listed(*entry, premises.queue.suppressions(), now));
    } else if (entry.error() != queue::Errc::no_such_entry) {
      out.push_back({{"entry", summary.id.str()}, {"state", "damaged"}, {"next_try", time_text(summary.next_try)}});
    }
  }
  return json{{"entries", std::move(out)}};
}

Answer queue_show(const Premises& premises, const json& arguments) {
  const auto& id = text_argument(arguments, "entry");
  const auto parsed = queue::EntryId::parse(id);
  if (!parsed) return complaint_for(make_error_code(queue::Errc::no_such_entry), id);
  const auto entry = premises.queue.show(*parsed);
  if (!entry.has_value()) return complaint_for(entry.error(), id);
  return shown(*entry, premises.queue.suppressions(), premises.clock.now());
}

}  // namespace mailpod::admin
