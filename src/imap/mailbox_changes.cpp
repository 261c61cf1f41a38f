#include "mailbox_changes.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace mailpod::imap {

std::vector<MailboxChange> changes_between(const store::VaultState& before, const store::VaultState& after) {
  // Most of them are the same object in both versions, in the same order.
  const auto& old = before.mailboxes;
  const auto& now = after.mailboxes;
  const auto [first_old, first_now] = std::ranges::mismatch(old, now);
  const auto tails =
      std::ranges::mismatch(std::make_reverse_iterator(old.end()), std::make_reverse_iterator(first_old),
                            std::make_reverse_iterator(now.end()), std::make_reverse_iterator(first_now));
  std::map<store::MailboxId, std::shared_ptr<const store::MailboxState>> gone;
  for (auto one = first_old; one != tails.in1.base(); ++one) gone.emplace((*one)->id, *one);
  std::vector<MailboxChange> changes;
  for (auto one = first_now; one != tails.in2.base(); ++one) {
    const auto was = gone.find((*one)->id);
    if (was == gone.end()) {
      changes.push_back({nullptr, *one});
      continue;
    }
    if (was->second != *one) changes.push_back({was->second, *one});
    gone.erase(was);
  }
  for (auto& [id, mailbox] : gone) changes.push_back({std::move(mailbox), nullptr});
  return changes;
}

}  // namespace mailpod::imap
