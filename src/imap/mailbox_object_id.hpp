#pragma once

#include <string>

#include <mailpod/base/member_id.hpp>
#include <mailpod/store/mailbox.hpp>

namespace mailpod::imap {

/// MAILBOXID: the same through renames, and never another mailbox's, of this vault or of any other. It tells nothing of
/// the member nor of how many mailboxes there were. RFC 8474 §4.
std::string mailbox_object_id(MemberId member, const store::MailboxState& mailbox);

}  // namespace mailpod::imap
