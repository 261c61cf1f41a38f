#include "object_id.hpp"

#include <mailpod/crypto/digest.hpp>

namespace mailpod::imap {
namespace {

/// The message id that a thread begins with, as far as this message knows.
std::string root_of(const message::Structure& structure) {
  if (!structure.references.empty()) return structure.references.front();
  for (const auto* field : {&structure.envelope.in_reply_to, &structure.envelope.message_id}) {
    if (!*field) continue;
    auto ids = message::parse_message_ids(**field, 1);
    if (!ids.empty()) return std::move(ids.front());
  }
  return {};
}

}  // namespace

std::string email_id(const store::Vault::Particulars& message) {
  return 'M' + base::hex(base::octets(message.email_id));
}

std::string thread_id(const MemberId& member, const message::Structure& structure,
                      const store::Vault::Particulars& message) {
  const auto root = root_of(structure);
  crypto::Sha256 digest;
  // With the member's id in it, two members' ids for one thread have nothing in common.
  digest.update("mailpod thread 1").update(base::octets(member.bytes));
  digest.update(root.empty() ? "alone" : "root").update(root.empty() ? base::octets(message.email_id) : root);
  const auto value = digest.finish();
  return 'T' + base::hex(base::octets(value).substr(0, 16));
}

}  // namespace mailpod::imap
