#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "flag_table.hpp"
#include "mailbox_name.hpp"
#include "transaction.hpp"

namespace mailpod::store {
namespace {

/// Octets of flag records that wait for a flush; beyond, they must be durable before another change of flags.
constexpr std::size_t unflushed_limit = 1024 * 1024;

std::vector<Uid> ascending(std::span<const Uid> uids) {
  std::vector<Uid> sorted(uids.begin(), uids.end());
  std::ranges::sort(sorted);
  const auto repeated = std::ranges::unique(sorted);
  sorted.erase(repeated.begin(), repeated.end());
  return sorted;
}

}  // namespace

std::shared_ptr<const MailboxState> SealedVault::selectable(MailboxId id) const {
  const auto mailbox = listing_.state->find(id);
  return mailbox && mailbox->selectable ? mailbox : nullptr;
}

Result<Vault::FlagResult> SealedVault::change_flags(MailboxId id, std::span<const Uid> uids, const FlagChange& wanted,
                                                    std::optional<ModSeq> unchanged_since) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  if (unflushed_octets_ > unflushed_limit) flush();
  const auto mailbox = selectable(id);
  if (!mailbox) return make_error_code(Errc::no_such_mailbox);
  FlagTable table(mailbox->keywords);
  const auto bits = table.bits_for(wanted);
  if (!bits) return bits.error();

  Change change(listing_);
  FlagResult result;
  FlagsRecord record;
  record.mailbox = id;
  record.mod_seq = change.mod_seq();
  std::vector<FlagsRecord> records;
  for (const Uid uid : ascending(uids)) {
    const auto number = mailbox->find(uid);
    if (!number) continue;
    const auto& message = mailbox->at(*number);
    if (unchanged_since && message.mod_seq > *unchanged_since) {
      result.modified.push_back(uid);
      continue;
    }
    const Flags flags = changed_flags(message.flags, wanted.how, *bits);
    if (flags == message.flags) continue;
    record.entries.push_back({uid, flags});
    result.changed.push_back(uid);
    if (record.entries.size() == FlagsRecord::max_entries) {
      records.push_back(record);
      record.entries.clear();
    }
  }
  if (!record.entries.empty()) records.push_back(record);
  if (records.empty()) return result;

  const auto keep = [&](RecordType type, std::string payload) {
    unflushed_octets_ += payload.size();
    unflushed_.push_back({type, std::move(payload)});
  };
  if (table.grown()) {
    MailboxRecord changed = MailboxRecord::of(*mailbox);
    changed.keywords = table.keywords();
    changed.mod_seq = change.mod_seq();
    change.apply(changed);
    keep(RecordType::mailbox, changed.encode());
  }
  for (const auto& flags : records) {
    change.apply(flags);
    keep(RecordType::flags, flags.encode());
  }
  publish(change);
  return result;
}

/// One EXPUNGE for as many as fit into a record. What is removed is read from the journal, because a listing does not
/// keep message ids.
void SealedVault::expunge_in(Transaction& transaction, const MailboxState& mailbox, const std::vector<Uid>& uids) {
  // Two of the messages may be copies of one another: the last reference goes with the second.
  std::unordered_map<std::uint64_t, std::uint32_t> left;
  ExpungeRecord record;
  record.mailbox = mailbox.id;
  record.mod_seq = transaction.mod_seq();
  for (const Uid uid : uids) {
    const auto& message = mailbox.at(*mailbox.find(uid));
    const auto [known, first] = left.try_emplace(message.record, 0);
    if (first) known->second = transaction.change().references(message.record);
    ExpungeRecord::Entry entry;
    entry.uid = uid;
    entry.last = --known->second == 0;
    if (const auto add = read_add(message.record)) entry.message = add->message;
    record.entries.push_back(entry);
    if (entry.last && entry.message != MessageId{}) transaction.remove_file(entry.message);
    if (record.entries.size() < ExpungeRecord::max_entries) continue;
    transaction.expunge(record);
    record.entries.clear();
    left.clear();
  }
  if (!record.entries.empty()) transaction.expunge(record);
}

Result<std::vector<Uid>> SealedVault::expunge(MailboxId id, std::span<const Uid> uids, Expunge which) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto mailbox = selectable(id);
  if (!mailbox) return make_error_code(Errc::no_such_mailbox);
  std::vector<Uid> going = ascending(uids);
  std::erase_if(going, [&](Uid uid) {
    const auto number = mailbox->find(uid);
    return !number || (which == Expunge::only_deleted && !mailbox->at(*number).flags.has(Flags::deleted));
  });
  if (going.empty()) return going;
  Transaction transaction(*this);
  expunge_in(transaction, *mailbox, going);
  transaction.commit();
  return going;
}

Result<Vault::Copied> SealedVault::copy(MailboxId from, std::span<const Uid> uids, MailboxId to) {
  return transfer(RecordType::copy, from, uids, to);
}

Result<Vault::Copied> SealedVault::move(MailboxId from, std::span<const Uid> uids, MailboxId to) {
  return transfer(RecordType::move, from, uids, to);
}

Result<Vault::Copied> SealedVault::transfer(RecordType type, MailboxId from, std::span<const Uid> uids, MailboxId to) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto source = selectable(from);
  const auto target = selectable(to);
  if (!source || !target) return make_error_code(Errc::no_such_mailbox);
  Copied copied;
  copied.uid_validity = target->uid_validity;
  FlagTable table(target->keywords);
  CopyRecord record;
  record.from = from;
  record.to = to;
  record.save_date = base::to_seconds(ports_.clock.now());
  std::vector<CopyRecord> records;
  std::uint64_t uid_next = target->uid_next.value;
  Usage more;
  for (const Uid uid : ascending(uids)) {
    const auto number = source->find(uid);
    if (!number) continue;
    const auto& message = source->at(*number);
    const Uid fresh{static_cast<std::uint32_t>(uid_next++)};
    const Flags flags = table.translated(message.flags, source->keywords);
    record.entries.push_back({uid, fresh, flags, message.size, message.internal_date, message.record});
    copied.uids.emplace_back(uid, fresh);
    more += {message.size, 1};
    if (record.entries.size() < CopyRecord::max_entries) continue;
    records.push_back(record);
    record.entries.clear();
  }
  if (!record.entries.empty()) records.push_back(record);
  if (records.empty()) return copied;
  if (uid_next > last_uid) return make_error_code(Errc::too_big);
  if (type == RecordType::copy && !has_room_for(more)) return make_error_code(Errc::over_quota);

  Transaction transaction(*this);
  if (table.grown()) {
    MailboxRecord grown = MailboxRecord::of(*target);
    grown.keywords = table.keywords();
    transaction.mailbox(grown);
  }
  for (auto& one : records) {
    one.mod_seq = transaction.mod_seq();
    type == RecordType::move ? transaction.move(one) : transaction.copy(one);
  }
  transaction.commit();
  return copied;
}

}  // namespace mailpod::store
