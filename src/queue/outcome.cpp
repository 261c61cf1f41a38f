#include "outcome.hpp"

#include <algorithm>

namespace mailpod::queue {

namespace {

constexpr std::size_t longest_reply = 1000;

bool is_pending(const Recipient& recipient) {
  return recipient.state == RecipientState::pending;
}

Timetable::Record record_of(const Entry& entry, const Recipient& recipient) {
  return {entry.arrival, entry.expires, recipient.attempts};
}

}  // namespace

void note(Entry& entry, const std::vector<Finding>& findings, base::Time now) {
  for (const Finding& finding : findings) {
    if (finding.recipient >= entry.recipients.size()) continue;
    Recipient& recipient = entry.recipients[finding.recipient];
    if (recipient.address != finding.address || !is_pending(recipient)) continue;
    recipient.state = finding.state;
    recipient.told = finding.host_reports && finding.state == RecipientState::delivered;
    recipient.last_reply = finding.reply.substr(0, longest_reply);
    recipient.last_host = finding.host;
    recipient.last_attempt = now;
    ++recipient.attempts;
  }
}

void conclude_round(Entry& entry, const Timetable& timetable, base::Time now, double spread) {
  std::uint32_t attempts = 1;
  for (Recipient& recipient : entry.recipients) {
    if (!is_pending(recipient)) continue;
    if (timetable.gives_up(record_of(entry, recipient), now)) {
      recipient.state = RecipientState::failed;
    } else {
      attempts = std::max(attempts, recipient.attempts);
    }
  }
  // Whole seconds are stored.
  if (has_pending(entry)) {
    entry.next_try = base::from_seconds(base::to_seconds(now + timetable.wait_after(attempts, spread)));
  }
}

bool may_report(const Entry& entry) {
  return entry.submitter.has_value() && !entry.reverse_path.empty();
}

bool must_tell_end(const Entry& entry, const Recipient& recipient) {
  if (!may_report(entry) || recipient.told || (recipient.notify & Notify::never) != 0) return false;
  if (is_pending(recipient)) return false;
  if (recipient.state != RecipientState::failed) return (recipient.notify & Notify::success) != 0;
  // Who has not said anything hears of failures.
  return recipient.notify == 0 || (recipient.notify & Notify::failure) != 0;
}

bool must_tell_delay(const Entry& entry, const Recipient& recipient, const Timetable& timetable, base::Time now) {
  if (!may_report(entry) || entry.delay_told || !is_pending(recipient) || recipient.attempts == 0) return false;
  if (recipient.notify != 0 && (recipient.notify & Notify::delay) == 0) return false;
  return timetable.warns(record_of(entry, recipient), now);
}

bool is_done(const Entry& entry) {
  return std::ranges::none_of(entry.recipients, [&](const Recipient& recipient) {
    return is_pending(recipient) || must_tell_end(entry, recipient);
  });
}

bool has_pending(const Entry& entry) {
  return std::ranges::any_of(entry.recipients, is_pending);
}

}  // namespace mailpod::queue
