#include <algorithm>

#include <mailpod/store/special_use.hpp>

#include "annotation_record.hpp"
#include "mailbox_name.hpp"
#include "transaction.hpp"

// What is kept beside mailboxes, as objects of the journal: annotations, and subscriptions of names that no mailbox
// has.
namespace mailpod::store {
namespace {

/// What one takes beside its octets, about: the journal's frame, and what memory knows of it.
constexpr std::size_t overhead = 128;

std::size_t octets_of(const std::map<ObjectName, std::string>& objects) {
  constexpr auto kind = static_cast<std::uint8_t>(ObjectKind::annotation);
  std::size_t octets = 0;
  for (auto at = objects.lower_bound({kind, {}}); at != objects.end() && at->first.first == kind; ++at) {
    octets += at->second.size() + overhead;
  }
  return octets;
}

}  // namespace

/// The mailbox's annotations as they will be; what they would add, in octets.
Result<std::size_t> SealedVault::room_for(const Annotations& present, std::span<const Annotation> annotations) const {
  Annotations next = present;
  std::size_t added = 0;
  for (const auto& one : annotations) {
    constexpr std::size_t entry_limit = 1'000;  // with it, a value of any size that may be set fits a record
    const bool too_big = one.value && one.value->size() > settings_.annotation_octets;
    if (too_big || one.entry.size() > entry_limit) return make_error_code(Errc::annotation_too_big);
    if (one.value) {
      next.insert_or_assign(one.entry, *one.value);
      added += one.entry.size() + one.value->size() + overhead;
    } else {
      next.erase(one.entry);
    }
  }
  if (next.size() > std::max(settings_.annotations, present.size())) return make_error_code(Errc::too_many_annotations);
  return added;
}

Status SealedVault::annotate(std::string_view mailbox, std::span<const Annotation> annotations) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto found = mailbox.empty() ? nullptr : listing_.state->find(mailbox);
  if (!mailbox.empty() && !found) return make_error_code(Errc::no_such_mailbox);
  const auto present = found ? found->annotations : listing_.state->annotations;
  const auto added = room_for(present ? *present : Annotations(), annotations);
  if (!added) return added.error();
  if (*added > 0 && octets_of(listing_.objects) + *added > settings_.annotations_octets) {
    return make_error_code(Errc::over_quota);
  }
  Transaction transaction(*this);
  std::optional<SpecialUse> use;
  for (const auto& one : annotations) {
    const bool is_use = found && one.entry == special_use_entry;
    if (is_use) use = special_use_for(one.value.value_or("")).value_or(SpecialUse::none);
    transaction.object(
        annotation_object(found ? found->id : MailboxId{}, one.entry, is_use ? std::nullopt : one.value));
  }
  if (found) {
    // RFC 7162 §3.2: whoever was away finds out that something changed.
    MailboxRecord changed = MailboxRecord::of(*found);
    changed.special_use = use.value_or(changed.special_use);
    changed.mod_seq = transaction.mod_seq();
    transaction.mailbox(changed);
  }
  transaction.commit();
  return {};
}

/// Whether what is said of a mailbox can be said of another one as well.
bool SealedVault::has_room_for_copy_of(const MailboxState& annotated) const {
  if (!annotated.annotations) return true;
  auto octets = octets_of(listing_.objects);
  for (const auto& [entry, value] : *annotated.annotations) octets += entry.size() + value.size() + overhead;
  return octets <= settings_.annotations_octets;
}

/// RFC 5464 §4.1: what is said of INBOX is said of the mailbox that it is renamed to as well.
void SealedVault::copy_annotations(Transaction& transaction, const MailboxState& from, MailboxId to) {
  if (!from.annotations) return;
  for (const auto& [entry, value] : *from.annotations) transaction.object(annotation_object(to, entry, value));
}

/// RFC 5464 §4.1: who makes a mailbox of that name anew does not inherit them.
void SealedVault::drop_annotations(Transaction& transaction, const MailboxState& mailbox) {
  if (!mailbox.annotations) return;
  for (const auto& [entry, value] : *mailbox.annotations) {
    transaction.object(annotation_object(mailbox.id, entry, std::nullopt));
  }
}

bool SealedVault::is_subscribed_name(const std::string& name) const {
  const auto& names = listing_.state->subscribed_names;
  return names && names->contains(name);
}

/// RFC 9051 §6.3.7: what the member subscribed to stays so until it is unsubscribed, whether or not it is there.
void SealedVault::keep_subscription(Transaction& transaction, const MailboxState& gone) {
  if (gone.subscribed) transaction.object(subscription_object(gone.name));
}

/// A mailbox has come into being: its name is no longer one that no mailbox has.
void SealedVault::take_up_subscription(Transaction& transaction, MailboxId id) {
  MailboxRecord mailbox = MailboxRecord::of(*transaction.change().find(id));
  if (!is_subscribed_name(mailbox.name)) return;
  mailbox.subscribed = true;
  transaction.mailbox(mailbox);
  transaction.object(no_subscription_object(mailbox.name));
}

Status SealedVault::subscribe_mailbox(std::string_view name) {
  return change_subscription(name, true);
}

Status SealedVault::unsubscribe_mailbox(std::string_view name) {
  return change_subscription(name, false);
}

Status SealedVault::change_subscription(std::string_view name, bool subscribed) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto canonical = canonical_name(name, settings_);
  if (!canonical) return make_error_code(Errc::no_such_mailbox);
  const auto mailbox = listing_.state->find(*canonical);
  if (!mailbox && !is_subscribed_name(*canonical)) {
    // RFC 9051 §6.3.8: whoever is not subscribed has what they asked for.
    return subscribed ? Status(make_error_code(Errc::no_such_mailbox)) : Status();
  }
  if ((mailbox ? mailbox->subscribed : true) == subscribed) return {};
  Transaction transaction(*this);
  if (mailbox) {
    MailboxRecord record = MailboxRecord::of(*mailbox);
    record.subscribed = subscribed;
    record.mod_seq = transaction.mod_seq();
    transaction.mailbox(record);
  } else {
    transaction.object(no_subscription_object(*canonical));
  }
  transaction.commit();
  return {};
}

}  // namespace mailpod::store
