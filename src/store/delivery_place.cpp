#include <mailpod/store/delivery_place.hpp>

#include <algorithm>

namespace mailpod::store {
namespace {

constexpr std::string_view inbox = "INBOX";
constexpr std::string_view junk = "Junk";

}  // namespace

std::shared_ptr<const MailboxState> delivery_place(const VaultState& vault, std::string_view target) {
  auto mailbox = vault.find(target);
  if (target == junk) {
    const auto marked = std::ranges::find(vault.mailboxes, SpecialUse::junk, &MailboxState::special_use);
    if (marked != vault.mailboxes.end()) mailbox = *marked;
  }
  return mailbox && mailbox->selectable ? mailbox : vault.find(inbox);
}

std::vector<MailboxId> delivery_places(const VaultState& vault) {
  std::vector<MailboxId> places;
  for (const auto target : {inbox, junk}) {
    const auto mailbox = delivery_place(vault, target);
    if (mailbox && std::ranges::find(places, mailbox->id) == places.end()) places.push_back(mailbox->id);
  }
  return places;
}

}  // namespace mailpod::store
