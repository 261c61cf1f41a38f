#include "transaction.hpp"

#include <cassert>

#include "checkpoint.hpp"

namespace mailpod::store {

SealedVault::Transaction::Transaction(SealedVault& vault) : vault_(vault), change_(vault.listing_) {
  // What clients have been shown comes first: the new records may build on it.
  for (const auto& waiting : vault_.unflushed_) stage(waiting.type, waiting.payload);
}

SealedVault::Transaction::~Transaction() {
  if (!committed_) vault_.journal_->unstage();
}

journal::Position SealedVault::Transaction::stage(RecordType type, const std::string& payload) {
  return vault_.journal_->stage(static_cast<std::uint8_t>(type), payload);
}

void SealedVault::Transaction::add(const AddRecord& record) {
  const std::string payload = record.encode();
  const auto position = stage(RecordType::add, payload);
  [[maybe_unused]] const bool sound = change_.apply(record, position, payload.size());
  assert(sound);
}

void SealedVault::Transaction::copy(const CopyRecord& record) {
  stage(RecordType::copy, record.encode());
  [[maybe_unused]] const bool sound = change_.apply_copy(record);
  assert(sound);
}

void SealedVault::Transaction::move(const CopyRecord& record) {
  stage(RecordType::move, record.encode());
  [[maybe_unused]] const bool sound = change_.apply_move(record);
  assert(sound);
}

void SealedVault::Transaction::expunge(const ExpungeRecord& record) {
  stage(RecordType::expunge, record.encode());
  [[maybe_unused]] const bool sound = change_.apply(record);
  assert(sound);
}

void SealedVault::Transaction::mailbox(const MailboxRecord& record) {
  stage(RecordType::mailbox, record.encode());
  [[maybe_unused]] const bool sound = change_.apply(record);
  assert(sound);
}

void SealedVault::Transaction::object(const ObjectRecord& record) {
  stage(RecordType::object, record.encode());
  [[maybe_unused]] const bool sound = change_.apply(record);
  assert(sound);
}

void SealedVault::Transaction::commit() {
  vault_.journal_->commit();
  committed_ = true;
  vault_.unflushed_.clear();
  vault_.unflushed_octets_ = 0;
  // Who is shown a message finds it where it belongs; who is shown one still, and does not find it, that it has gone.
  vault_.take_file_steps(std::move(placings_));
  vault_.publish(change_);
  vault_.take_file_steps(std::move(removals_));
  vault_.checkpoint_if_due();
}

// ------------------------------------------------------------------------------------------------------------------

void SealedVault::publish(Change& change) {
  std::vector<std::shared_ptr<Bell>> ringing;
  {
    const std::scoped_lock lock(shown_);
    change.publish();
    std::erase_if(bells_, [](const auto& bell) { return bell.expired(); });
    for (const auto& bell : bells_) {
      if (auto alive = bell.lock()) ringing.push_back(std::move(alive));
    }
  }
  for (const auto& bell : ringing) (*bell)();
}

void SealedVault::take_file_steps(std::vector<FileStep> steps) {
  retry_file_steps();
  for (auto& step : steps) {
    if (step.remove) step.from = path_of(step.message);
    if (take_file_step(step)) continue;
    const std::scoped_lock lock(shown_);
    untaken_steps_.insert_or_assign(step.message, step);
  }
}

/// The record is durable, so a failure here changes no answer: the step is tried again with later changes, and by the
/// recovery of the next opening.
bool SealedVault::take_file_step(const FileStep& step) {
  folders_unsynced_ = true;
  try {
    if (step.remove) {
      ports_.disk.unlink(step.from);
    } else {
      ports_.disk.rename(step.from, maildir_.in_cur(step.message));
    }
    return true;
  } catch (const std::system_error& error) {
    if (step.remove && error.code() == std::errc::no_such_file_or_directory) return true;
    ports_.log.error("vault file step failed member={} reason=\"{}\"", member_.str(), error.what());
    return false;
  }
}

void SealedVault::retry_file_steps() {
  std::vector<FileStep> untaken;
  {
    const std::scoped_lock lock(shown_);
    for (const auto& [message, step] : untaken_steps_) untaken.push_back(step);
  }
  for (const auto& step : untaken) {
    if (!take_file_step(step)) continue;
    const std::scoped_lock lock(shown_);
    untaken_steps_.erase(step.message);
  }
}

/// Renames and unlinks become durable here, before the records that call for them leave the tail: recovery looks at the
/// tail only.
void SealedVault::sync_folders() {
  if (!folders_unsynced_) return;
  for (const auto& folder : {maildir_.tmp(), maildir_.fresh(), maildir_.cur()}) ports_.disk.sync_directory(folder);
  folders_unsynced_ = false;
}

void SealedVault::checkpoint_if_due() {
  // A checkpoint as large as the tail costs no more than the tail did: the sum stays linear, whatever the vault's size.
  checkpoint_from(std::max(settings_.checkpoint_tail, journal_->checkpoint_size()));
}

void SealedVault::checkpoint_for_next_opening() {
  // What is written now nobody waits for, and the next opening has less to read: an eighth of its checkpoint at most.
  constexpr std::uint64_t read_in_no_time = 256 * 1024;
  checkpoint_from(std::max(read_in_no_time, journal_->checkpoint_size() / 8));
}

void SealedVault::checkpoint_from(std::uint64_t due) {
  const std::uint64_t tail = journal_->tail_size();
  if (tail < std::max(due, checkpoint_not_below_)) return;
  try {
    write_checkpoint_now();
    checkpoint_not_below_ = 0;
  } catch (const std::system_error& error) {
    checkpoint_not_below_ = tail + settings_.checkpoint_tail / 4 + 1;
    ports_.log.warning("checkpoint failed member={} reason=\"{}\"", member_.str(), error.what());
  }
}

void SealedVault::write_checkpoint_now() {
  retry_file_steps();
  if (!untaken_steps_.empty()) return;  // recovery still needs the tail
  sync_folders();
  journal_->checkpoint(write_checkpoint(listing_));
}

void SealedVault::flush() {
  if (closed_ || unflushed_.empty()) return;
  Transaction transaction(*this);
  transaction.commit();
}

}  // namespace mailpod::store
