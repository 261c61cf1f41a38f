#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/store/mailbox.hpp>

#include "mailbox_changes.hpp"
#include "notify_request.hpp"

namespace mailpod::imap {

/// What a client that gave NOTIFY is told of, and what of it it knows. RFC 5465.
///
/// Like a view, of the whole vault: it is the version that was told last, and the next is compared with it. What both
/// share costs nothing. Loop.
class Notifications {
public:
  using Vault = std::shared_ptr<const store::VaultState>;

  /// `known` is what the client need not be told of.
  Notifications(std::vector<EventGroup> groups, Vault known);

  /// What it says of the selected mailbox; nullptr: nothing of it is told.
  const EventGroup* of_selected() const;

  /// STATUS responses for all mailboxes but the selected whose messages are watched. RFC 5465 §3.1.
  void write_statuses(std::string& out, std::optional<store::MailboxId> selected, const Dialect& dialect) const;

  /// What the client did itself, between these versions, is no news to it. RFC 5465 §5.
  void pass_over(const Vault& before, const Vault& after);

  /// Appends what is new: LIST for names and subscriptions, METADATA for annotations, STATUS for messages in mailboxes
  /// that are not selected. False if more mailboxes changed than Settings::notifications allows: RFC 5465 §5.8.
  bool tell(std::string& out, Vault newest, std::optional<store::MailboxId> selected, const Dialect& dialect);

private:
  unsigned events_of(std::string_view name, const store::MailboxState* mailbox) const;
  void tell_names(std::string& out, const MailboxChange& difference, const store::VaultState& now,
                  const Dialect& dialect);
  void tell_annotations(std::string& out, const MailboxChange& difference, const Dialect& dialect) const;
  void tell_messages(std::string& out, const MailboxChange& difference, const Dialect& dialect) const;

  std::vector<EventGroup> groups_;
  MailboxFilters filters_;  // the same, but for the selected mailbox: what they mean are events
  Vault known_;
  std::vector<store::MailboxId> inboxes_;  // of the version that is being told of
};

}  // namespace mailpod::imap
