#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "fetch_items.hpp"
#include "mailbox_filter.hpp"

namespace mailpod::imap {

/// The events of RFC 5465 §5 that this server tells of; a set of these bits.
enum Event : unsigned {
  message_new = 1,
  message_expunge = 2,
  flag_change = 4,
  mailbox_name = 8,
  subscription_change = 16,
  mailbox_metadata_change = 32,
  server_metadata_change = 64,  ///< whatever mailboxes its group names: RFC 5465 §5.7
};
constexpr unsigned message_events = message_new | message_expunge | flag_change;

/// Their names, as in BADEVENT: `MessageNew MessageExpunge …`.
std::string event_names();

/// Some mailboxes and what happens to them. RFC 5465 §6.
struct EventGroup : MailboxFilter {
  unsigned events = 0;           ///< none at all: NONE
  std::vector<FetchItem> items;  ///< shown of what comes new into the selected mailbox

  bool of_selected() const { return of == Of::selected || of == Of::selected_delayed; }
};

/// What NOTIFY asks. RFC 5465 §3.1.
struct NotifyRequest {
  enum class Status { untold, told } status = Status::untold;
  std::vector<EventGroup> groups;  ///< none at all: NOTIFY NONE
  bool unsupported = false;        ///< names an event that is not told here: the answer is BADEVENT
};

/// `SET STATUS (selected (MessageNew (UID) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))`, or `NONE`.
text::Parsed<NotifyRequest> parse_notify(text::Cursor& in, const Dialect& dialect);

}  // namespace mailpod::imap
