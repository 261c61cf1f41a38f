#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/timetable.hpp>

/// What attempts do to an entry: plain functions of what is known, what was learnt, and the time.
namespace mailpod::queue {

/// What one attempt has learnt of one recipient.
struct Finding {
  std::size_t recipient = 0;  ///< its place in the entry
  std::string address;        ///< to be sure
  RecipientState state = RecipientState::pending;
  std::string reply;  ///< of the host, or ours if `host` is empty, or what was wrong with the connection
  std::string host;
  bool host_reports = false;  ///< the host has taken it and promised to tell the sender itself: RFC 3461 §5.2.1
  bool embargoed = false;     ///< our own rules refuse it: nobody elsewhere thinks ill of its sender
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// Writes the findings of one attempt into the entry. A recipient whose fate is known already keeps it.
void note(Entry& entry, const std::vector<Finding>& findings, base::Time now);

/// Decides about the pending recipients once all attempts of a round have been noted: those whose time is up fail, and
/// for the others the next try is set. `spread` as in Timetable::wait_after.
void conclude_round(Entry& entry, const Timetable& timetable, base::Time now, double spread);

/// Whether a report could reach anybody: never on a null reverse path, never without a submitter.
bool may_report(const Entry& entry);
/// The submitter wants to hear how it ended with this recipient, and has not. RFC 3461 §4.1.
bool must_tell_end(const Entry& entry, const Recipient& recipient);
/// The submitter is due to hear that this recipient's copy is late.
bool must_tell_delay(const Entry& entry, const Recipient& recipient, const Timetable& timetable, base::Time now);

/// No recipient is pending and nobody must be told anything: the entry has done its work.
bool is_done(const Entry& entry);
bool has_pending(const Entry& entry);

}  // namespace mailpod::queue
