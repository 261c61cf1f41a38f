#include "mailbox_object_id.hpp"

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

namespace mailpod::imap {

std::string mailbox_object_id(MemberId member, const store::MailboxState& mailbox) {
  // An id is never given twice in a vault. The UIDVALIDITY, which rises with the clock, also tells a vault from one
  // that the same member had before.
  const auto subject = base::Encoder()
                           .var("mailpod/v1/mailbox-id")
                           .fixed(member.bytes)
                           .u32(mailbox.id.value)
                           .u32(mailbox.uid_validity.value)
                           .take();
  // A letter first: an object id may be used where a number would be taken for one.
  return "M" + base::hex(base::octets(crypto::sha256(subject)).substr(0, 16));
}

}  // namespace mailpod::imap
