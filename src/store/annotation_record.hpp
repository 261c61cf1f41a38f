#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "log_records.hpp"

/// What members say of their mailboxes and of their vault (RFC 5464), and which names they are subscribed to that no
/// mailbox has (RFC 9051 §6.3.7), as objects of the journal. docs/storage-format.md, "vault records". Frozen.
namespace mailpod::store {

/// Mailbox 0 stands for the vault itself.
struct AnnotationRecord {
  MailboxId mailbox;
  std::string entry;
  std::string value;

  static std::optional<AnnotationRecord> decode(std::string_view content);
  std::string encode() const;
};

/// Sets the entry; without a value it goes.
ObjectRecord annotation_object(MailboxId mailbox, std::string_view entry, const std::optional<std::string>& value);

ObjectRecord subscription_object(std::string_view name);
/// The name is no longer subscribed.
ObjectRecord no_subscription_object(std::string_view name);

}  // namespace mailpod::store
