#include "queue_entry.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "person_json.hpp"

namespace mailpod::admin {
namespace {

using queue::RecipientState;

bool is_pending(const queue::Recipient& recipient) {
  return recipient.state == RecipientState::pending;
}

std::int64_t pending_in(const queue::Entry& entry) {
  return std::ranges::count_if(entry.recipients, is_pending);
}

bool is_suppressed(const queue::Recipient& recipient, const queue::Suppressions& suppressions, base::Time now) {
  return is_pending(recipient) && suppressions.find(recipient.address, now);
}

std::int64_t suppressed_in(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now) {
  return std::ranges::count_if(
      entry.recipients, [&](const queue::Recipient& recipient) { return is_suppressed(recipient, suppressions, now); });
}

std::string_view name_of(RecipientState state) {
  switch (state) {
    case RecipientState::pending:
      return "pending";
    case RecipientState::delivered:
      return "delivered";
    case RecipientState::failed:
      return "failed";
    case RecipientState::expanded:
      return "expanded";
  }
  return "unknown";
}

std::string_view name_of(queue::Body body) {
  switch (body) {
    case queue::Body::seven_bit:
      return "7BIT";
    case queue::Body::eight_bit:
      return "8BITMIME";
    case queue::Body::binary:
      return "BINARYMIME";
  }
  return "unknown";
}

json shown(const queue::Recipient& recipient) {
  json out{{"address", recipient.address},
           {"state", name_of(recipient.state)},
           {"attempts", recipient.attempts},
           {"last_reply", recipient.last_reply},
           {"last_host", recipient.last_host}};
  if (recipient.last_attempt) out["last_attempt"] = time_text(*recipient.last_attempt);
  return out;
}

}  // namespace

std::string state_of(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now) {
  if (pending_in(entry) == 0) return "done";
  if (entry.held) return "held";
  if (suppressed_in(entry, suppressions, now) == pending_in(entry)) return "suppressed";
  return entry.next_try <= now ? "due" : "waits";
}

json listed(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now) {
  std::set<std::string_view> domains;
  for (const auto& recipient : entry.recipients) {
    const std::string_view address = recipient.address;
    if (is_pending(recipient)) domains.insert(address.substr(address.rfind('@') + 1));
  }
  const auto age = std::max(now - entry.arrival, base::Time::duration(0));
  json out{{"entry", entry.id.str()},
           {"state", state_of(entry, suppressions, now)},
           {"age_seconds", std::chrono::floor<std::chrono::seconds>(age).count()},
           {"next_try", time_text(entry.next_try)},
           {"octets", entry.size},
           {"recipients", entry.recipients.size()},
           {"pending", pending_in(entry)},
           {"suppressed", suppressed_in(entry, suppressions, now)},
           {"domains", domains}};
  if (entry.held) out["held_by"] = entry.braked ? "brake" : "administrator";
  return out;
}

json shown(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now) {
  json out = listed(entry, suppressions, now);
  out["arrival"] = time_text(entry.arrival);
  if (entry.expires) out["expires"] = time_text(*entry.expires);
  out["held"] = entry.held;
  out["delay_told"] = entry.delay_told;
  out["reverse_path"] = entry.reverse_path;
  if (entry.submitter) out["submitter"] = entry.submitter->str();
  out["body"] = name_of(entry.body);
  out["route"] = entry.pinned_route;
  out["recipients"] = json::array();
  for (const auto& recipient : entry.recipients) {
    out["recipients"].push_back(shown(recipient));
    out["recipients"].back()["suppressed"] = is_suppressed(recipient, suppressions, now);
  }
  return out;
}

}  // namespace mailpod::admin
