#include <algorithm>
#include <ranges>

#include "mailbox_name.hpp"
#include "transaction.hpp"

namespace mailpod::store {

Status SealedVault::make_room_for_mailboxes(std::size_t count) const {
  // A name that is subscribed and has no mailbox takes a mailbox's room: nobody fills a vault with such names.
  const auto& names = listing_.state->subscribed_names;
  const std::size_t present = listing_.state->mailboxes.size() + (names ? names->size() : 0);
  if (present + count > settings_.mailboxes) return make_error_code(Errc::too_many_mailboxes);
  return {};
}

/// Every mailbox that was ever made has an id and a UIDVALIDITY of its own, so that a name's earlier UIDs mean nothing
/// to whoever comes back to it. RFC 9051 §2.3.1.1.
MailboxId SealedVault::make_mailbox(Transaction& transaction, const std::string& name, SpecialUse use) {
  const auto& numbers = transaction.change().numbers();
  const auto now = static_cast<std::uint32_t>(base::to_seconds(ports_.clock.now()));
  MailboxRecord mailbox;
  mailbox.id = {numbers.mailbox + 1};
  mailbox.uid_validity = {std::max(numbers.uid_validity + 1, now)};
  mailbox.mod_seq = transaction.mod_seq();
  mailbox.special_use = use;
  mailbox.name = name;
  transaction.mailbox(mailbox);
  take_up_subscription(transaction, mailbox.id);
  return mailbox.id;
}

/// RFC 9051 §6.3.4: superior names that are missing come into being with the first name below them.
void SealedVault::make_superiors(Transaction& transaction, std::string_view name) {
  for (const auto& superior : superiors_of(name)) {
    if (listing_.state->find(superior)) continue;
    MailboxRecord mailbox = MailboxRecord::of(*transaction.change().find(make_mailbox(transaction, superior, {})));
    mailbox.selectable = false;
    transaction.mailbox(mailbox);
  }
}

/// A name that only has children goes with the last of them: `gone` is no longer there, but may be there as `renamed`.
void SealedVault::drop_empty_superiors(Transaction& transaction, std::string_view gone, std::string_view renamed) {
  const auto superiors = superiors_of(gone);
  std::string last_gone(gone);
  for (const auto& superior : std::views::reverse(superiors)) {
    const auto mailbox = listing_.state->find(superior);
    if (!mailbox || mailbox->selectable || is_below(renamed, superior)) return;
    const bool has_others = std::ranges::any_of(listing_.state->mailboxes, [&](const auto& other) {
      return is_below(other->name, superior) && other->name != last_gone && !is_below(other->name, last_gone);
    });
    if (has_others) return;
    MailboxRecord record = MailboxRecord::of(*mailbox);
    record.deleted = true;
    record.mod_seq = transaction.mod_seq();
    drop_annotations(transaction, *mailbox);
    keep_subscription(transaction, *mailbox);
    transaction.mailbox(record);
    last_gone = superior;
  }
}

Result<MailboxId> SealedVault::create_mailbox(std::string_view name, SpecialUse use) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto canonical = canonical_name(name, settings_);
  if (!canonical) return canonical.error();
  const auto present = listing_.state->find(*canonical);
  if (present && present->selectable) return make_error_code(Errc::mailbox_exists);
  const auto room = make_room_for_mailboxes(superiors_of(*canonical).size() + 1);
  if (!room) return room.error();

  Transaction transaction(*this);
  if (present) {
    MailboxRecord name_only = MailboxRecord::of(*present);
    name_only.deleted = true;
    name_only.mod_seq = transaction.mod_seq();
    drop_annotations(transaction, *present);
    transaction.mailbox(name_only);
  }
  make_superiors(transaction, *canonical);
  const MailboxId id = make_mailbox(transaction, *canonical, use);
  if (present) {
    // What was said of the name, and its subscription, are the mailbox's now.
    copy_annotations(transaction, *present, id);
    MailboxRecord made = MailboxRecord::of(*transaction.change().find(id));
    made.subscribed = present->subscribed;
    transaction.mailbox(made);
  }
  transaction.commit();
  return id;
}

Status SealedVault::delete_mailbox(std::string_view name) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto canonical = canonical_name(name, settings_);
  const auto mailbox = canonical ? listing_.state->find(*canonical) : nullptr;
  if (!mailbox) return make_error_code(Errc::no_such_mailbox);
  if (mailbox->name == "INBOX") return make_error_code(Errc::mailbox_not_deletable);
  const bool has_children = std::ranges::any_of(
      listing_.state->mailboxes, [&](const auto& other) { return is_below(other->name, mailbox->name); });
  // RFC 9051 §6.3.5: an error for a name that only has children, and for one with children the name stays.
  if (has_children && !mailbox->selectable) return make_error_code(Errc::mailbox_not_deletable);

  Transaction transaction(*this);
  std::vector<Uid> all;
  for (const auto& chunk : mailbox->chunks) {
    for (const auto& message : chunk->messages) all.push_back(message.uid);
  }
  expunge_in(transaction, *mailbox, all);
  MailboxRecord record = MailboxRecord::of(*transaction.change().find(mailbox->id));
  record.mod_seq = transaction.mod_seq();
  record.deleted = true;
  drop_annotations(transaction, *mailbox);
  transaction.mailbox(record);
  if (has_children) {
    MailboxRecord rest = MailboxRecord::of(*transaction.change().find(make_mailbox(transaction, mailbox->name, {})));
    rest.selectable = false;
    rest.subscribed = mailbox->subscribed;
    transaction.mailbox(rest);
  } else {
    keep_subscription(transaction, *mailbox);
    drop_empty_superiors(transaction, mailbox->name, {});
  }
  transaction.commit();
  return {};
}

Status SealedVault::rename_mailbox(std::string_view from, std::string_view to) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto old_name = canonical_name(from, settings_);
  const auto mailbox = old_name ? listing_.state->find(*old_name) : nullptr;
  if (!mailbox) return make_error_code(Errc::no_such_mailbox);
  const auto new_name = canonical_name(to, settings_);
  if (!new_name) return new_name.error();
  if (listing_.state->find(*new_name)) return make_error_code(Errc::mailbox_exists);
  if (is_below(*new_name, *old_name) && mailbox->name != "INBOX") return make_error_code(Errc::bad_mailbox_name);
  const auto room = make_room_for_mailboxes(superiors_of(*new_name).size() + 1);
  if (!room) return room.error();
  if (mailbox->name == "INBOX") return rename_inbox(*new_name);

  std::vector<MailboxRecord> renamed;
  for (const auto& other : listing_.state->mailboxes) {
    if (other->name != *old_name && !is_below(other->name, *old_name)) continue;
    renamed.push_back(MailboxRecord::of(*other));
    renamed.back().name = *new_name + other->name.substr(old_name->size());
    if (const auto sound = canonical_name(renamed.back().name, settings_); !sound) return sound.error();
  }
  Transaction transaction(*this);
  for (auto& record : renamed) {
    record.mod_seq = transaction.mod_seq();
    transaction.mailbox(record);
    take_up_subscription(transaction, record.id);
  }
  make_superiors(transaction, *new_name);
  drop_empty_superiors(transaction, *old_name, *new_name);
  transaction.commit();
  return {};
}

/// RFC 9051 §6.3.6: INBOX stays, empty; its messages go to the new mailbox; names below it stay.
Status SealedVault::rename_inbox(const std::string& to) {
  const auto inbox = listing_.state->find("INBOX");
  // Each renaming leaves one more copy of what is said of INBOX.
  if (!has_room_for_copy_of(*inbox)) return make_error_code(Errc::over_quota);
  Transaction transaction(*this);
  make_superiors(transaction, to);
  const MailboxId id = make_mailbox(transaction, to, SpecialUse::none);
  MailboxRecord made = MailboxRecord::of(*transaction.change().find(id));
  made.keywords = inbox->keywords;  // so that flags keep their bits
  transaction.mailbox(made);
  copy_annotations(transaction, *inbox, id);
  CopyRecord move;
  move.from = inbox->id;
  move.to = id;
  move.mod_seq = transaction.mod_seq();
  move.save_date = base::to_seconds(ports_.clock.now());
  std::uint32_t uid = 0;
  for (const auto& chunk : inbox->chunks) {
    for (const auto& message : chunk->messages) {
      move.entries.push_back(
          {message.uid, {++uid}, message.flags, message.size, message.internal_date, message.record});
      if (move.entries.size() == CopyRecord::max_entries) {
        transaction.move(move);
        move.entries.clear();
      }
    }
  }
  if (!move.entries.empty()) transaction.move(move);
  transaction.commit();
  return {};
}

}  // namespace mailpod::store
