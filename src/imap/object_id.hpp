#pragma once

#include <string>

#include <mailpod/base/member_id.hpp>
#include <mailpod/message/structure.hpp>
#include <mailpod/store/vault.hpp>

/// The identifiers of RFC 8474: letters and digits, as FETCH shows them and SEARCH compares them.
namespace mailpod::imap {

/// EMAILID: the same for all copies of a message, and for no other message. RFC 8474 §5.1.
std::string email_id(const store::Vault::Particulars& message);

/// THREADID: the same for messages whose References begin alike, else whose In-Reply-To or Message-ID is that
/// beginning. RFC 8474 §5.2; docs/decisions says what it does not find.
std::string thread_id(const MemberId& member, const message::Structure& structure,
                      const store::Vault::Particulars& message);

}  // namespace mailpod::imap
