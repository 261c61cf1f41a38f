#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "session.hpp"

/// What STATUS, and LIST with it (RFC 5819), tell of a mailbox.
namespace mailpod::imap {

/// What an item may look at.
struct StatusSubject {
  const store::MailboxState& mailbox;
  MemberId member;
  const Settings& settings;
};

/// One status data item. Numbers are of committed messages only.
struct StatusItem {
  enum class In { any_dialect, rev1_only };
  enum class Reads { state, every_message };
  enum class Effect { none, enables_condstore };
  std::string_view name;
  void (*write)(std::string& out, const StatusSubject& subject);
  In in = In::any_dialect;
  Reads reads = Reads::state;
  Effect effect = Effect::none;
};
using StatusItems = std::vector<const StatusItem*>;

/// `(MESSAGES UNSEEN)`
text::Parsed<StatusItems> parse_status_items(text::Cursor& in, const Dialect& dialect);

/// `* STATUS INBOX (MESSAGES 3)`, of values that are written already, one by one.
void add_status_value(std::string& values, std::string_view name, std::uint64_t value);
void write_status_response(std::string& out, std::string_view mailbox, std::string_view values, const Dialect& dialect);

/// Writes `* STATUS INBOX (MESSAGES 3)`. The mailbox is one that can be selected.
awaitable<Status> write_status(Session& session, const store::MailboxState& mailbox, const StatusItems& asked);

}  // namespace mailpod::imap
