#include "difference.hpp"

namespace mailpod::imap {

Difference difference(const store::MailboxState& older, const store::MailboxState& newer) {
  Difference found;
  compare_versions(
      older, newer, [&](const store::MessageState& message) { found.vanished.push_back(message.uid); },
      [&](const store::MessageState& before, const store::MessageState&) { found.changed.push_back(before.uid); });
  for (auto number = newer.lower_bound(older.uid_next).value; number <= newer.count; ++number) {
    found.added.push_back(newer.at(store::SeqNum{number}).uid);
  }
  return found;
}

}  // namespace mailpod::imap
