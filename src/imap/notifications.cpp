#include "notifications.hpp"

#include <algorithm>
#include <map>

#include <mailpod/store/delivery_place.hpp>

#include "annotation.hpp"
#include "annotation_watch.hpp"
#include "listing.hpp"
#include "mailbox_changes.hpp"
#include "response.hpp"
#include "status_items.hpp"

namespace mailpod::imap {
namespace {

using store::MailboxState;
using store::VaultState;

/// Status data items; a set of these bits.
enum Item : unsigned { messages = 1, uid_next = 2, uid_validity = 4, unseen = 8, mod_seq = 16 };

void write_status(std::string& out, const MailboxState& mailbox, unsigned items, const Dialect& dialect) {
  std::string values;
  const auto add = [&](Item item, std::string_view name, std::uint64_t value) {
    if ((items & item) != 0) add_status_value(values, name, value);
  };
  add(messages, "MESSAGES", mailbox.count);
  add(uid_next, "UIDNEXT", mailbox.uid_next.value);
  add(uid_validity, "UIDVALIDITY", mailbox.uid_validity.value);
  add(unseen, "UNSEEN", mailbox.unseen);
  add(mod_seq, "HIGHESTMODSEQ", mailbox.highest_mod_seq.value);
  write_status_response(out, mailbox.name, values, dialect);
}

/// Whether a message that both versions have changed. Chunks that they share cost nothing.
bool any_changed(const MailboxState& before, const MailboxState& after) {
  auto shared = before.chunks.begin();
  for (const auto& chunk : after.chunks) {
    const auto begins_before = [&](const auto& other) {
      return other->messages.front().uid < chunk->messages.front().uid;
    };
    while (shared != before.chunks.end() && begins_before(*shared)) ++shared;
    if (shared != before.chunks.end() && *shared == chunk) continue;
    const auto changed = [&](const store::MessageState& message) {
      return message.uid < before.uid_next && message.mod_seq > before.highest_mod_seq;
    };
    if (std::ranges::any_of(chunk->messages, changed)) return true;
  }
  return false;
}

/// All that is true of the name now: unlike LSUB, this looks at the mailbox itself. RFC 5465 §5.5.
void write_list(std::string& out, std::string_view name, const VaultState& vault, std::string_view old_name,
                const Dialect& dialect) {
  const auto mailbox = vault.find(name);
  std::string attributes;
  if (!mailbox)
    attributes = has_children(vault, name) ? "\\NonExistent \\HasChildren" : "\\NonExistent \\HasNoChildren";
  if (mailbox && mailbox->subscribed) attributes = "\\Subscribed ";
  if (mailbox) attributes += attributes_of(vault, *mailbox);
  const auto extended = old_name.empty() ? std::string() : old_name_item(old_name, dialect);
  write_list_response(out, "LIST", {attributes, name, extended}, dialect);
}

std::string_view parent_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

/// A child follows its parent: only the first of what was renamed together is told. RFC 5465 §5.4.
bool renamed_with_parent(const VaultState& before, const VaultState& after, std::string_view old_name,
                         std::string_view name) {
  for (auto old_parent = parent_of(old_name), parent = parent_of(name); !old_parent.empty() && !parent.empty();
       old_parent = parent_of(old_parent), parent = parent_of(parent)) {
    if (old_parent == parent) continue;
    const auto was = before.find(old_parent);
    const auto is = after.find(parent);
    if (was && is && was->id == is->id) return true;
  }
  return false;
}

}  // namespace

const EventGroup* Notifications::of_selected() const {
  const auto found = std::ranges::find_if(groups_, &EventGroup::of_selected);
  return found == groups_.end() ? nullptr : &*found;
}

Notifications::Notifications(std::vector<EventGroup> groups, Vault known)
    : groups_(std::move(groups)), known_(std::move(known)), inboxes_(store::delivery_places(*known_)) {
  for (const auto& group : groups_) filters_.add(group, group.events);
}

unsigned Notifications::events_of(std::string_view name, const MailboxState* mailbox) const {
  return filters_.meaning_of(name, mailbox, inboxes_);
}

void Notifications::write_statuses(std::string& out, std::optional<store::MailboxId> selected,
                                   const Dialect& dialect) const {
  for (const auto& mailbox : known_->mailboxes) {
    const auto events = events_of(mailbox->name, mailbox.get());
    if (!mailbox->selectable || mailbox->id == selected || (events & message_events) == 0) continue;
    const unsigned more = (events & flag_change) != 0 ? unsigned{mod_seq} : 0U;
    write_status(out, *mailbox, messages | uid_next | uid_validity | more, dialect);
  }
}

void Notifications::pass_over(const Vault& before, const Vault& after) {
  if (before == after) return;
  if (known_ == before) {
    known_ = after;
    return;
  }
  // Others were at work as well: only what the client knew as it was before is now as it left it.
  auto known = std::make_shared<VaultState>(*known_);
  if (known->annotations == before->annotations) known->annotations = after->annotations;
  std::map<std::shared_ptr<const MailboxState>, std::shared_ptr<const MailboxState>> became;
  std::vector<std::shared_ptr<const MailboxState>> fresh;
  for (auto& [was, is] : changes_between(*before, *after)) {
    if (was) became.emplace(was, is);
    if (!was) fresh.push_back(is);
  }
  for (auto& mailbox : known->mailboxes) {
    const auto change = became.find(mailbox);
    if (change != became.end()) mailbox = change->second;
  }
  std::erase(known->mailboxes, nullptr);
  known->mailboxes.insert(known->mailboxes.end(), fresh.begin(), fresh.end());
  std::ranges::sort(known->mailboxes, {}, [](const auto& mailbox) {
    return std::pair(mailbox->name != "INBOX", std::string_view(mailbox->name));
  });
  known_ = std::move(known);
}

void Notifications::tell_names(std::string& out, const MailboxChange& difference, const VaultState& now,
                               const Dialect& dialect) {
  const auto& [before, after] = difference;
  const auto& mailbox = after ? after : before;
  const auto events = events_of(mailbox->name, mailbox.get()) | (before ? events_of(before->name, before.get()) : 0U);
  const bool renamed = before && after && before->name != after->name;
  const bool came_or_went = !before || !after || before->selectable != after->selectable;
  const bool subscribed = (after && after->subscribed) != (before && before->subscribed);
  if (renamed && renamed_with_parent(*known_, now, before->name, after->name)) return;
  if ((events & mailbox_name) != 0 && (renamed || came_or_went)) {
    write_list(out, mailbox->name, now, renamed ? before->name : std::string_view(), dialect);
  } else if ((events & subscription_change) != 0 && subscribed) {
    write_list(out, mailbox->name, now, {}, dialect);
  }
  // The parent of what came or went is affected too: RFC 5465 §5.4.
  const auto parent = parent_of(mailbox->name);
  if (!came_or_went || parent.empty()) return;
  if ((events_of(parent, now.find(parent).get()) & mailbox_name) != 0) write_list(out, parent, now, {}, dialect);
}

void Notifications::tell_annotations(std::string& out, const MailboxChange& difference, const Dialect& dialect) const {
  const auto& [before, after] = difference;
  if (!after || (events_of(after->name, after.get()) & mailbox_metadata_change) == 0) return;
  const auto known = told_annotations(before.get());
  const auto told = told_annotations(after.get());
  write_changed_entries(out, after->name, known.get(), told.get(), dialect);
}

void Notifications::tell_messages(std::string& out, const MailboxChange& difference, const Dialect& dialect) const {
  const auto& [before, after] = difference;
  const auto events = events_of(after->name, after.get());
  unsigned items = 0;
  if (!before) {
    // Made anew: its UIDs mean something else than those of one that had this name. RFC 5465 §5.1.
    const bool had_the_name = known_->find(after->name) != nullptr;
    if ((events & message_events) != 0 && (had_the_name || after->count > 0))
      items = messages | uid_next | uid_validity;
  } else {
    const bool arrived = (events & message_new) != 0 && after->uid_next != before->uid_next;
    const bool expunged = (events & message_expunge) != 0 && after->expunged_mod_seq != before->expunged_mod_seq;
    const bool changed = (events & flag_change) != 0 && any_changed(*before, *after);
    if (arrived || expunged) items |= messages | uid_next;
    if ((events & message_events) != 0 && after->uid_validity != before->uid_validity) items |= uid_validity;
    if (changed && (dialect.enabled.condstore || after->unseen != before->unseen)) items |= uid_validity | unseen;
  }
  if (items == 0) return;
  if (dialect.enabled.condstore) items |= mod_seq;
  write_status(out, *after, items, dialect);
}

bool Notifications::tell(std::string& out, Vault newest, std::optional<store::MailboxId> selected,
                         const Dialect& dialect) {
  if (newest == known_) return true;
  if (groups_.empty()) {
    known_ = std::move(newest);  // NOTIFY NONE: nothing is too much
    return true;
  }
  if (filters_.names_inboxes()) inboxes_ = store::delivery_places(*newest);
  const auto changed = changes_between(*known_, *newest);
  if (changed.size() > dialect.settings.notifications) return false;
  for (const auto& difference : changed) {
    tell_names(out, difference, *newest, dialect);
    tell_annotations(out, difference, dialect);
    const auto& after = difference.after;
    if (after && after->selectable && after->id != selected) tell_messages(out, difference, dialect);
  }
  const bool wants_servers = std::ranges::any_of(
      groups_, [](const EventGroup& group) { return (group.events & server_metadata_change) != 0; });
  if (wants_servers) write_changed_entries(out, {}, known_->annotations.get(), newest->annotations.get(), dialect);
  known_ = std::move(newest);
  return true;
}

}  // namespace mailpod::imap
