#include <algorithm>

#include "checkpoint.hpp"
#include "rewriting.hpp"
#include "transaction.hpp"

// A vault's journal, written anew with nothing in it but what is live: in its place, or elsewhere under another key.
namespace mailpod::store {
namespace {

/// Octets of records that are committed together where no chain takes them one by one.
constexpr std::size_t group_octets = 1 << 20;

}  // namespace

void SealedVault::Rewriting::begin() {
  Numbers numbers = vault_.listing_.numbers;
  numbers.adds = numbers.add_octets = 0;
  add(ObjectRecord{static_cast<std::uint8_t>(ObjectKind::numbers), {}, numbers.encode()});
}

void SealedVault::Rewriting::add(const ObjectRecord& object) {
  put_(RecordType::object, object.encode());
  change_.apply(object);
}

void SealedVault::Rewriting::add_expunged() {
  ExpungeRecord record;
  const auto end = [&] {
    if (!record.entries.empty()) put_(RecordType::expunge, record.encode());
    record.entries.clear();
  };
  for (const auto& id : vault_.listing_.expunged.all()) {
    change_.set_expunged(id);
    record.entries.push_back({{}, id, true});
    if (record.entries.size() == ExpungeRecord::max_entries) end();
  }
  end();
}

Listing SealedVault::Rewriting::finish() {
  add_expunged();
  // A mailbox's UIDs must come in ascending order, so records are written mailbox by mailbox.
  for (const auto& mailbox : vault_.listing_.state->mailboxes) add_mailbox(*mailbox);
  change_.publish();
  return std::move(fresh_);
}

void SealedVault::Rewriting::add_mailbox(const MailboxState& mailbox) {
  MailboxRecord made = MailboxRecord::of(mailbox);
  const Uid uid_next = made.uid_next;
  made.uid_next = {1};
  put_(RecordType::mailbox, made.encode());
  change_.apply(made);
  for (const auto& chunk : mailbox.chunks) {
    for (const auto& message : chunk->messages) add_message(mailbox, message);
  }
  made.uid_next = uid_next;
  put_(RecordType::mailbox, made.encode());
  change_.apply(made);
}

/// A message's first standing carries its ADD, further ones are copies of it.
void SealedVault::Rewriting::add_message(const MailboxState& mailbox, const MessageState& message) {
  const auto known = places_.find(message.record);
  auto add = known == places_.end() ? vault_.read_add(message.record) : std::nullopt;
  if (add) {
    add->mailbox = mailbox.id;
    add->uid = message.uid;
    add->mod_seq = message.mod_seq;
    add->flags = message.flags;
    saved_first_.emplace(message.record, add->save_date);
    if (message.save_date != 0) add->save_date = message.save_date;
    const std::string payload = add->encode();
    const auto position = put_(RecordType::add, payload);
    change_.apply(*add, position, payload.size());
    places_.emplace(message.record, position.value);
    return;
  }
  CopyRecord copy;
  copy.to = mailbox.id;
  copy.mod_seq = message.mod_seq;
  copy.save_date = message.save_date != 0 ? message.save_date : saved_first_[message.record];
  // Record 0 is nowhere: the message stays listed, and reading it says that it is damaged.
  const std::uint64_t record = known == places_.end() ? 0 : known->second;
  copy.entries.push_back({{}, message.uid, message.flags, message.size, message.internal_date, record});
  put_(RecordType::copy, copy.encode());
  change_.apply_copy(copy);
}

void SealedVault::rewrite_journal() {
  if (!untaken_steps_.empty()) return;  // recovery still needs the tail
  sync_folders();
  const auto rewrite = journal_->rewrite();
  Rewriting rewriting(*this, [&](RecordType type, const std::string& payload) {
    return rewrite->add(static_cast<std::uint8_t>(type), payload);
  });
  rewriting.begin();
  for (const auto& [name, content] : listing_.objects) rewriting.add({name.first, name.second, content});
  Listing fresh = rewriting.finish();
  // Known before the old chain goes, so that whoever holds an older state finds its messages at any moment.
  auto places = rewriting.places();
  for (const auto& [old, present] : moved_) {
    const auto moved = rewriting.places().find(present);
    if (moved != rewriting.places().end()) places.insert_or_assign(old, moved->second);
  }
  const auto exchange_places = [&] {
    const std::scoped_lock lock(shown_);
    moved_.swap(places);
  };
  exchange_places();
  try {
    rewrite->install(write_checkpoint(fresh));
  } catch (...) {
    exchange_places();
    throw;
  }
  const std::scoped_lock lock(shown_);
  listing_ = std::move(fresh);
}

void SealedVault::compact() {
  if (closed_ || *stopped_) throw std::system_error(make_error_code(Errc::closed));
  if (!unflushed_.empty()) Transaction(*this).commit();
  retry_file_steps();
  if (!untaken_steps_.empty())
    throw std::system_error(EIO, std::generic_category(), "files below Maildir/ cannot be moved");
  rewrite_journal();
  if (indexing_) indexing_->journal_rewritten();
  ring();
}

NewVault SealedVault::write_under(const crypto::VaultKey& key, const std::string& folder) {
  const auto journal = journal::Journal::create(
      {ports_.disk, ports_.entropy}, {folder, std::string(base::octets(member_.bytes))}, key.derive(log_label));
  std::size_t staged = 0;
  Rewriting rewriting(*this, [&](RecordType type, const std::string& payload) {
    if (staged + payload.size() > group_octets) {
      journal->commit();
      staged = 0;
    }
    staged += payload.size();
    return journal->stage(static_cast<std::uint8_t>(type), payload);
  });
  rewriting.begin();
  const auto drop_seal = key.derive(drop_label);
  const auto drop_key = crypto::AgeIdentity::random(ports_.arena, ports_.entropy);
  const std::uint32_t number = newest_drop_key_ + 1;
  rewriting.add(write_drop_key({member_, number}, drop_key.secret(), drop_seal, ports_.entropy, ports_.clock.now()));
  for (const auto& [name, content] : listing_.objects) {
    if (name.first != static_cast<std::uint8_t>(ObjectKind::drop_key)) {
      rewriting.add({name.first, name.second, content});
      continue;
    }
    const auto older = read_drop_key(member_, content, drop_seal_);
    if (!older) throw std::system_error(make_error_code(Errc::damaged));
    rewriting.add(
        write_drop_key({member_, older->number}, older->identity.secret(), drop_seal, ports_.entropy, older->made));
  }
  const Listing fresh = rewriting.finish();
  journal->commit();
  journal->checkpoint(write_checkpoint(fresh));
  journal->close();
  return {number, drop_key.recipient().point};
}

}  // namespace mailpod::store
