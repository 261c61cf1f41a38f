#include <functional>
#include <optional>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../queue_entry.hpp"

/// What an administrator wants of an entry. Each change is durable before it is answered; a daemon that runs looks at
/// it at once, and without one it counts from the next start on. An attempt that is under way goes on.
namespace mailpod::admin {
namespace {

/// Says why an entry must stay as it is; nothing if it was changed.
using Edit = std::function<std::optional<governance::Complaint>(queue::Entry&)>;

governance::Complaint refusal(const std::string& id, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, id, 0, std::move(what), std::move(remedy)};
}

void tell_sender(const Premises& premises, const queue::EntryId& id) {
  if (premises.daemon != nullptr) premises.daemon->look_at(id);
}

Answer change(const Premises& premises, const std::string& id, const Edit& edit) {
  const auto parsed = queue::EntryId::parse(id);
  if (!parsed) return complaint_for(make_error_code(queue::Errc::no_such_entry), id);
  std::optional<governance::Complaint> refused;
  const auto changed = premises.queue.change(*parsed, [&](queue::Entry& entry) { refused = edit(entry); });
  if (!changed.has_value()) return complaint_for(changed.error(), id);
  if (refused) return *refused;
  tell_sender(premises, *parsed);
  return json{{"entry", id}};
}

/// Does it to all entries that the brake holds of a member, and takes the brake off.
Answer let_go(const Premises& premises, const std::string& who, const std::function<Answer(const std::string&)>& act) {
  const auto people = premises.directory.state();
  const auto* person = find_person(*people, who);
  if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
  // What comes meanwhile goes already.
  if (premises.daemon != nullptr) premises.daemon->release(person->id);
  std::size_t entries = 0;
  for (const auto& summary : premises.queue.list()) {
    const auto entry = premises.queue.show(summary.id);
    if (!entry.has_value() || !entry->braked || entry->submitter != person->id) continue;
    entries += act(summary.id.str()).refusal ? 0U : 1U;
  }
  return json{{"entries", entries}};
}

}  // namespace

/// One entry, or all that are neither held nor suppressed.
Answer queue_retry(const Premises& premises, const json& arguments) {
  const auto& suppressions = premises.queue.suppressions();
  const Edit retry = [&](queue::Entry& entry) -> std::optional<governance::Complaint> {
    if (entry.held) return refusal(entry.id.str(), "the entry is held", "`mailpod queue release` it");
    if (state_of(entry, suppressions, premises.clock.now()) == "suppressed")
      return refusal(entry.id.str(), "mail to all whom it is still to reach is suppressed",
                     "`mailpod queue suppressed` shows why; `mailpod queue unsuppress` ends it");
    try_at_once(entry, premises.clock.now());
    return std::nullopt;
  };
  const auto id = optional_text(arguments, "entry");
  if (!id.empty()) return change(premises, id, retry);
  std::size_t retried = 0;
  for (const auto& summary : premises.queue.list())
    retried += change(premises, summary.id.str(), retry).refusal ? 0U : 1U;
  return json{{"retried", retried}};
}

Answer queue_hold(const Premises& premises, const json& arguments) {
  return change(premises, text_argument(arguments, "entry"), [](queue::Entry& entry) {
    entry.held = true;
    return std::nullopt;
  });
}

/// One entry; or all that the brake holds of a member, whose brake is off then.
Answer queue_release(const Premises& premises, const json& arguments) {
  const Edit release = [&](queue::Entry& entry) {
    entry.held = entry.braked = false;
    try_at_once(entry, premises.clock.now());
    return std::nullopt;
  };
  const auto who = optional_text(arguments, "member");
  if (who.empty()) return change(premises, text_argument(arguments, "entry"), release);
  return let_go(premises, who, [&](const std::string& id) { return change(premises, id, release); });
}

/// `route` is what queue::is_pinned_route takes, or `-` for what DNS says.
Answer queue_route(const Premises& premises, const json& arguments) {
  const auto& route = text_argument(arguments, "route");
  const auto& id = text_argument(arguments, "entry");
  if (route != "-" && !queue::is_pinned_route(route))
    return refusal(route, "this is no host", "write a host name or [address], with or without :port; or - for none");
  return change(premises, id, [&](queue::Entry& entry) {
    entry.pinned_route = route == "-" ? "" : route;
    try_at_once(entry, premises.clock.now());
    return std::nullopt;
  });
}

namespace {

/// As if every server that is still to be reached had refused: the sender then reports and forgets it.
Answer give_up(const Premises& premises, const std::string& id) {
  return change(premises, id, [&](queue::Entry& entry) {
    for (auto& recipient : entry.recipients) {
      if (recipient.state != queue::RecipientState::pending) continue;
      recipient.state = queue::RecipientState::failed;
      recipient.last_reply = "554 5.7.0 the administrator of the sending server has withdrawn the message";
      recipient.last_host.clear();
    }
    entry.held = entry.braked = false;
    try_at_once(entry, premises.clock.now());
    return std::nullopt;
  });
}

Answer forget(const Premises& premises, const std::string& id) {
  const auto parsed = queue::EntryId::parse(id);
  if (!parsed) return complaint_for(make_error_code(queue::Errc::no_such_entry), id);
  const auto dropped = premises.queue.drop(*parsed);
  if (!dropped.has_value()) return complaint_for(dropped.error(), id);
  tell_sender(premises, *parsed);
  return json{{"entry", id}};
}

}  // namespace

/// One entry, or all that the brake holds of a member. Final. Whoever sent it is told if `report` says so; else nobody.
Answer queue_drop(const Premises& premises, const json& arguments) {
  const bool report = flag_argument(arguments, "report");
  const auto drop = [&](const std::string& id) { return report ? give_up(premises, id) : forget(premises, id); };
  const auto who = optional_text(arguments, "member");
  return who.empty() ? drop(text_argument(arguments, "entry")) : let_go(premises, who, drop);
}

}  // namespace mailpod::admin
