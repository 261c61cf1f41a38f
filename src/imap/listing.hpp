#pragma once

#include <string>
#include <string_view>

#include <mailpod/store/mailbox.hpp>

#include "dialect.hpp"

namespace mailpod::imap {

/// What a LIST response says beside the delimiter. RFC 9051 §7.3.1.
struct ListResponse {
  std::string_view attributes;
  std::string_view name;
  std::string_view extended{};  ///< `("CHILDINFO" ("SUBSCRIBED"))`; empty: none
};
/// `* LIST (\HasNoChildren) "/" INBOX`; `word` is LIST or LSUB.
void write_list_response(std::string& out, std::string_view word, const ListResponse& response, const Dialect& dialect);

/// `\HasChildren \Trash`: what is always told of a mailbox. RFC 3348 §3, RFC 6154 §2.
std::string attributes_of(const store::VaultState& vault, const store::MailboxState& mailbox);

/// Whether a mailbox lies below this one. Binary search.
bool has_children(const store::VaultState& vault, std::string_view name);

/// `("OLDNAME" (Plans))`: what a name was, or how the client spelled it. RFC 9051 §6.3.9.7.
std::string old_name_item(std::string_view old_name, const Dialect& dialect);

/// Tells that a name which the client spelled otherwise is the mailbox of this one: to clients of RFC 9051, and if the
/// spellings differ. `attributes` as in a LIST response. RFC 9051 §6.3.9.7.
void write_old_name(std::string& out, std::string_view as_given, const ListResponse& response, const Dialect& dialect);

}  // namespace mailpod::imap
