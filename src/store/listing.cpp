#include "listing.hpp"

#include <algorithm>

#include "annotation_record.hpp"
#include "flag_table.hpp"

namespace mailpod::store {
namespace {

bool stands_before(const std::shared_ptr<const MailboxState>& left, const std::shared_ptr<const MailboxState>& right) {
  const bool left_inbox = left->name == "INBOX";
  const bool right_inbox = right->name == "INBOX";
  return left_inbox != right_inbox ? left_inbox : left->name < right->name;
}

void note_expunge(MailboxState& mailbox, ModSeq mod_seq) {
  mailbox.highest_mod_seq = std::max(mailbox.highest_mod_seq, mod_seq);
  mailbox.expunged_mod_seq = std::max(mailbox.expunged_mod_seq, mod_seq);
}

template <class Values>
std::shared_ptr<const Values> shared_unless_empty(Values values) {
  return values.empty() ? nullptr : std::make_shared<const Values>(std::move(values));
}

}  // namespace

const MailboxState* Change::find(MailboxId id) const {
  if (const auto drafted = drafts_.find(id); drafted != drafts_.end()) {
    return drafted->second ? &drafted->second->state() : nullptr;
  }
  return base_.state->find(id).get();
}

MailboxDraft* Change::draft(MailboxId id) {
  if (const auto known = drafts_.find(id); known != drafts_.end()) return known->second ? &*known->second : nullptr;
  const auto state = base_.state->find(id);
  if (!state) return nullptr;
  return &*drafts_.emplace(id, MailboxDraft(*state)).first->second;
}

std::uint32_t Change::references(std::uint64_t record) const {
  if (const auto changed = shared_.find(record); changed != shared_.end()) return changed->second;
  const auto known = base_.shared.find(record);
  return known == base_.shared.end() ? 1 : known->second;
}

void Change::release(const std::vector<MessageState>& messages) {
  for (const auto& message : messages) {
    const std::uint32_t left = references(message.record);
    if (left > 1) shared_[message.record] = left - 1;
  }
}

bool Change::apply(const AddRecord& record, journal::Position position, std::size_t octets) {
  advance(record.mod_seq);
  ++numbers_.adds;
  numbers_.add_octets += octets;
  MessageState message;
  message.uid = record.uid;
  message.flags = record.flags;
  message.mod_seq = record.mod_seq;
  message.size = static_cast<std::uint32_t>(record.size);
  message.internal_date = static_cast<std::uint32_t>(record.internal_date);
  message.record = position.value;
  return append(record.mailbox, message);
}

bool Change::append(MailboxId mailbox, std::span<const MessageState> messages) {
  for (const auto& message : messages) advance(message.mod_seq);
  auto* to = draft_or_orphan(mailbox);
  return (to != nullptr) && to->append(messages);
}

/// The record that made a mailbox is lost, not its messages: they show in one of another name, whose UIDVALIDITY tells
/// clients to look anew.
MailboxDraft* Change::draft_or_orphan(MailboxId id) {
  if (auto* known = draft(id)) return known;
  if (id.value == 0 || drafts_.contains(id)) return nullptr;  // deleted
  MailboxState orphan;
  orphan.id = id;
  orphan.name = id == inbox_id ? "INBOX" : fmt::format("Recovered {}", id.value);
  orphan.uid_validity = {++numbers_.uid_validity};
  orphan.subscribed = true;
  numbers_.mailbox = std::max(numbers_.mailbox, id.value);
  return &*drafts_.insert_or_assign(id, MailboxDraft(std::move(orphan))).first->second;
}

void Change::ensure_inbox() {
  const auto is_inbox = [](const auto& name) { return name == "INBOX"; };
  for (const auto& [id, drafted] : drafts_) {
    if (drafted && is_inbox(drafted->state().name)) return;
  }
  const auto known = base_.state->find("INBOX");
  if (!known || drafts_.contains(known->id)) draft_or_orphan(inbox_id);
}

void Change::pass_over_uids(std::uint32_t count) {
  for (const auto& mailbox : base_.state->mailboxes) draft(mailbox->id);
  for (auto& [id, drafted] : drafts_) {
    if (!drafted) continue;
    auto& next = drafted->state().uid_next.value;
    next = std::max(next, static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{next} + count, last_uid)));
    // What is lost may have been expunges, later than all that is left.
    drafted->state().expunged_mod_seq = {numbers_.mod_seq + mod_seq_gap};
  }
}

bool Change::set_save_dates(MailboxId mailbox, std::span<const MailboxDraft::SaveDate> dates) {
  auto* in = draft(mailbox);
  return (in != nullptr) && in->set_save_dates(dates);
}

bool Change::append_copies(const CopyRecord& record) {
  advance(record.mod_seq);
  bool sound = true;
  for (const auto& entry : record.entries) {
    MessageState message;
    message.uid = entry.to;
    message.flags = entry.flags;
    message.mod_seq = record.mod_seq;
    message.size = entry.size;
    message.internal_date = entry.internal_date;
    message.record = entry.record;
    message.save_date = static_cast<std::uint32_t>(record.save_date);
    sound = append(record.to, message) && sound;
  }
  return sound;
}

bool Change::apply_copy(const CopyRecord& record) {
  for (const auto& entry : record.entries) shared_[entry.record] = references(entry.record) + 1;
  return append_copies(record);
}

bool Change::apply_move(const CopyRecord& record) {
  if (auto* from = draft(record.from)) {
    std::vector<Uid> uids;
    for (const auto& entry : record.entries) uids.push_back(entry.from);
    from->remove(uids);
    note_expunge(from->state(), record.mod_seq);
  }
  return append_copies(record);
}

bool Change::apply(const FlagsRecord& record) {
  advance(record.mod_seq);
  auto* mailbox = draft(record.mailbox);
  if (mailbox == nullptr) return false;
  bool sound = true;
  for (const auto& entry : record.entries) {
    sound = mailbox->set_flags(entry.uid, entry.flags, record.mod_seq) && sound;
  }
  return sound;
}

bool Change::apply(const ExpungeRecord& record) {
  advance(record.mod_seq);
  for (const auto& entry : record.entries) {
    if (entry.last && entry.message != MessageId{}) expunged_.push_back(entry.message);
  }
  if (record.mailbox.value == 0) return true;
  auto* mailbox = draft(record.mailbox);
  if (mailbox == nullptr) return false;
  std::vector<Uid> uids;
  for (const auto& entry : record.entries) uids.push_back(entry.uid);
  const auto removed = mailbox->remove(uids);
  release(removed);
  note_expunge(mailbox->state(), record.mod_seq);
  return removed.size() == uids.size();
}

bool Change::apply(const MailboxRecord& record) {
  advance(record.mod_seq);
  numbers_.mailbox = std::max(numbers_.mailbox, record.id.value);
  numbers_.uid_validity = std::max(numbers_.uid_validity, record.uid_validity.value);
  auto* mailbox = draft(record.id);
  if (record.deleted) {
    if (mailbox != nullptr) release(mailbox->remove_all());
    drafts_.insert_or_assign(record.id, std::nullopt);
    return mailbox != nullptr;
  }
  if (mailbox == nullptr) {
    MailboxState fresh;
    fresh.id = record.id;
    mailbox = &*drafts_.insert_or_assign(record.id, MailboxDraft(std::move(fresh))).first->second;
  }
  auto& state = mailbox->state();
  state.name = record.name;
  state.uid_validity = record.uid_validity;
  state.uid_next = std::max(state.uid_next, record.uid_next);
  state.highest_mod_seq = std::max(state.highest_mod_seq, record.mod_seq);
  state.expunged_mod_seq = std::max(state.expunged_mod_seq, record.expunged);
  state.special_use = record.special_use;
  state.subscribed = record.subscribed;
  state.selectable = record.selectable;
  state.keywords = record.keywords;
  return true;
}

bool Change::apply(const ObjectRecord& record) {
  if (record.kind == static_cast<std::uint8_t>(ObjectKind::numbers)) {
    const auto numbers = Numbers::decode(record.content);
    if (numbers) set_numbers(*numbers);
    return numbers.has_value();
  }
  bool sound = true;
  if (record.kind == static_cast<std::uint8_t>(ObjectKind::annotation)) sound = apply_annotation(record);
  if (record.kind == static_cast<std::uint8_t>(ObjectKind::subscription)) apply_subscription(record);
  objects_[{record.kind, record.id}] = record.content;
  return sound;
}

void Change::set_numbers(const Numbers& numbers) {
  advance({numbers.mod_seq});
  numbers_.uid_validity = std::max(numbers_.uid_validity, numbers.uid_validity);
  numbers_.mailbox = std::max(numbers_.mailbox, numbers.mailbox);
  numbers_.adds = std::max(numbers_.adds, numbers.adds);
  numbers_.add_octets = std::max(numbers_.add_octets, numbers.add_octets);
}

bool Change::apply(journal::Position position, std::uint8_t type, std::string_view payload) {
  const auto with = [](auto record, auto act) { return record && act(*record); };
  switch (static_cast<RecordType>(type)) {
    case RecordType::add:
      return with(AddRecord::decode(payload), [&](auto& add) { return apply(add, position, payload.size()); });
    case RecordType::copy:
      return with(CopyRecord::decode(payload), [&](auto& copy) { return apply_copy(copy); });
    case RecordType::move:
      return with(CopyRecord::decode(payload), [&](auto& move) { return apply_move(move); });
    case RecordType::flags:
      return with(FlagsRecord::decode(payload), [&](auto& flags) { return apply(flags); });
    case RecordType::expunge:
      return with(ExpungeRecord::decode(payload), [&](auto& expunge) { return apply(expunge); });
    case RecordType::mailbox:
      return with(MailboxRecord::decode(payload), [&](auto& mailbox) { return apply(mailbox); });
    case RecordType::object:
      return with(ObjectRecord::decode(payload), [&](auto& object) { return apply(object); });
  }
  return false;
}

/// As it is by now; empty if there is none.
std::string_view Change::object(const ObjectName& name) const {
  if (const auto changed = objects_.find(name); changed != objects_.end()) return changed->second;
  const auto known = base_.objects.find(name);
  return known == base_.objects.end() ? std::string_view() : known->second;
}

Annotations& Change::annotations(MailboxId id) {
  const auto [at, fresh] = annotations_.try_emplace(id);
  if (!fresh) return at->second;
  const auto mailbox = id.value == 0 ? nullptr : base_.state->find(id);
  const auto present = id.value == 0 ? base_.state->annotations : mailbox ? mailbox->annotations : nullptr;
  if (present) at->second = *present;
  return at->second;
}

bool Change::apply_annotation(const ObjectRecord& record) {
  if (const auto before = AnnotationRecord::decode(object({record.kind, record.id}))) {
    annotations(before->mailbox).erase(before->entry);
  }
  if (record.content.empty()) return true;
  auto now = AnnotationRecord::decode(record.content);
  if (!now) return false;
  annotations(now->mailbox).insert_or_assign(std::move(now->entry), std::move(now->value));
  return true;
}

void Change::apply_subscription(const ObjectRecord& record) {
  if (!subscribed_names_) {
    subscribed_names_.emplace(base_.state->subscribed_names ? *base_.state->subscribed_names : std::set<std::string>());
  }
  subscribed_names_->erase(std::string(object({record.kind, record.id})));
  if (!record.content.empty()) subscribed_names_->insert(record.content);
}

/// A checkpoint tells them before the mailboxes they are of.
void Change::place_annotations() {
  for (auto& [id, values] : annotations_) {
    if (id.value == 0) continue;
    if (auto* mailbox = draft(id)) mailbox->state().annotations = shared_unless_empty(std::move(values));
  }
}

std::shared_ptr<const VaultState> Change::next_state() {
  auto next = std::make_shared<VaultState>(*base_.state);
  bool reordered = false;
  std::size_t replaced = 0;
  for (auto& present : next->mailboxes) {
    const auto drafted = drafts_.find(present->id);
    if (drafted == drafts_.end()) continue;
    ++replaced;
    const std::string name = present->name;
    present = drafted->second ? drafted->second->freeze() : nullptr;
    reordered = reordered || (present && present->name != name);
    drafted->second.reset();
  }
  std::erase(next->mailboxes, nullptr);
  if (replaced < drafts_.size()) {
    for (auto& [id, drafted] : drafts_) {
      if (!drafted) continue;
      next->mailboxes.push_back(drafted->freeze());
      reordered = true;
    }
  }
  if (reordered) std::ranges::sort(next->mailboxes, stands_before);
  if (const auto own = annotations_.find(MailboxId{}); own != annotations_.end()) {
    next->annotations = shared_unless_empty(std::move(own->second));
  }
  if (subscribed_names_) next->subscribed_names = shared_unless_empty(std::move(*subscribed_names_));
  return next;
}

void Change::publish() {
  place_annotations();
  if (!drafts_.empty() || !annotations_.empty() || subscribed_names_) base_.state = next_state();
  base_.numbers = numbers_;
  if (base_.shared.empty()) {
    std::erase_if(shared_, [](const auto& known) { return known.second <= 1; });
    base_.shared = std::move(shared_);
    shared_.clear();
  }
  for (const auto& [record, references] : shared_) {
    if (references > 1) {
      base_.shared[record] = references;
    } else {
      base_.shared.erase(record);
    }
  }
  base_.expunged.insert(std::move(expunged_));
  for (auto& [name, content] : objects_) {
    if (content.empty()) {
      base_.objects.erase(name);
    } else {
      base_.objects[name] = std::move(content);
    }
  }
}

}  // namespace mailpod::store
