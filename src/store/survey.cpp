#include "survey.hpp"

#include <system_error>

#include <mailpod/store/letterbox.hpp>

#include "sealed_file.hpp"

namespace mailpod::store {
namespace {

/// What one call of more() reads at most, but for a file that is larger by itself.
constexpr std::uint64_t slice_octets = 4 << 20;
constexpr std::size_t slice_messages = 256;

}  // namespace

std::optional<Fault::Kind> fault_of_file(base::Disk& disk, const std::string& path, const AddRecord& add,
                                         const std::vector<crypto::AgeIdentity>& drop_keys) {
  if (!disk.status(path)) return Fault::Kind::file_missing;
  try {
    const FileSource file(disk.open(path, base::Disk::Open::read));
    if (file.size() != add.sealed_size || hash_of(file) != add.sealed_hash) return Fault::Kind::file_damaged;
    const auto unlocked = unlock(file, drop_keys);
    // Sealed to a drop key that was given up since: the journal's file key opens it all the same.
    if (unlocked && base::octets(unlocked->key) != add.file_key) return Fault::Kind::file_of_another_key;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return Fault::Kind::file_missing;
    if (error.code() == std::errc::io_error) return Fault::Kind::file_damaged;
    throw;
  }
  return std::nullopt;
}

SealedVault::Survey::Survey(SealedVault& vault) : vault_(vault) {
  std::unordered_set<std::uint64_t> records;
  const auto shown = vault_.state();
  for (const auto& mailbox : shown->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        // Of record 0 each is a message of its own, whose record was lost.
        if (message.record == 0 || records.insert(message.record).second) targets_.push_back({mailbox->id, message});
      }
    }
  }
}

bool SealedVault::Survey::more() {
  if (*vault_.stopped_) throw std::system_error(make_error_code(Errc::closed));
  if (!journal_seen_) {
    journal_seen_ = true;
    try {
      journal_suspect_ = !vault_.journal_->inspect_all().empty();
    } catch (const std::system_error&) {
      journal_suspect_ = true;  // replaced meanwhile, perhaps
    }
    return true;
  }
  std::uint64_t octets = 0;
  for (std::size_t count = 0; count < slice_messages && octets < slice_octets && done_ < targets_.size(); ++count) {
    const auto& target = targets_[done_++];
    if (const auto add = vault_.read_add(target.message.record)) octets += add->sealed_size;
    if (fault_of(target)) suspects_.push_back(target);
  }
  if (done_ < targets_.size()) return true;
  look_at_folders();
  return false;
}

std::optional<Fault> SealedVault::Survey::fault_of(const Target& target) {
  const auto mailbox = vault_.state()->find(target.mailbox);
  const auto uid = target.message.uid;
  Fault fault;
  fault.place = fmt::format("{}, UID {}", mailbox ? mailbox->name : "a mailbox that is gone", uid.value);
  fault.mailbox = target.mailbox;
  fault.uid = uid;
  fault.size = target.message.size;
  fault.internal_date = target.message.internal_date;
  const auto add = vault_.read_add(target.message.record);
  if (!add) {
    fault.kind = Fault::Kind::record_unreadable;
    return fault;
  }
  seen_.insert(vault_.present_place(target.message.record));
  known_.insert(Maildir::name_for(add->message));
  const auto kind = fault_of_file(vault_.ports_.disk, vault_.path_of(add->message), *add, vault_.drop_keys_);
  if (!kind) return std::nullopt;
  fault.kind = *kind;
  fault.path = "Maildir/cur/" + Maildir::name_for(add->message);
  fault.detail = fault.path;
  return fault;
}

void SealedVault::Survey::look_at_folders() {
  const auto& maildir = vault_.maildir_;
  for (const auto& entry : vault_.ports_.disk.list(maildir.cur())) {
    if (!known_.contains(entry.name)) strangers_.push_back(entry.name);
  }
  for (const auto& name : quarantined_files(vault_.ports_.disk, maildir.folder())) {
    Fault fault{Fault::Kind::quarantined, "quarantine/" + base::printable(name), {}};
    fault.path = "quarantine/" + name;
    faults_.push_back(std::move(fault));
  }
  look_at_card();
}

void SealedVault::Survey::look_at_card() {
  const auto& folder = vault_.maildir_.folder();
  if (!vault_.ports_.disk.status(base::join(folder, "card"))) {
    faults_.push_back({Fault::Kind::card_missing, "card", {}});
    return;
  }
  const auto card = read_card(vault_.ports_.disk, folder, vault_.member_, vault_.pod_);
  if (!card) {
    faults_.push_back({Fault::Kind::card_damaged, "card", {}});
    return;
  }
  const auto recipients = vault_.append_recipients();
  const auto archive = recipients.size() > 1 ? std::optional(recipients[1].point) : std::nullopt;
  if (recipients.empty() || (card->drop_recipient == recipients[0].point && card->archive_recipient == archive)) return;
  faults_.push_back(
      {Fault::Kind::card_disagrees, "card", card->archive_recipient == archive ? "drop key" : "archive recipient"});
}

void SealedVault::Survey::look_at_journal() {
  for (const auto& finding : vault_.journal_->inspect_all()) {
    faults_.push_back(
        {Fault::Kind::journal_damaged, fmt::format("log/{:08x}.seg", finding.segment),
         fmt::format("{} at {}, {} octets", journal::name_for(finding.kind), finding.offset, finding.length)});
  }
}

std::optional<SealedVault::Survey::Target> SealedVault::Survey::as_it_is_now(const Target& target) const {
  const auto mailbox = vault_.state()->find(target.mailbox);
  const auto number = mailbox ? mailbox->find(target.message.uid) : std::nullopt;
  if (!number) return std::nullopt;
  return Target{target.mailbox, mailbox->at(*number)};
}

/// Messages that came while this one looked at the others.
void SealedVault::Survey::note_unseen_messages() {
  const auto shown = vault_.state();
  for (const auto& mailbox : shown->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        if (seen_.contains(vault_.present_place(message.record))) continue;
        if (const auto add = vault_.read_add(message.record)) known_.insert(Maildir::name_for(add->message));
      }
    }
  }
}

void SealedVault::Survey::confirm() {
  if (*vault_.stopped_) throw std::system_error(make_error_code(Errc::closed));
  if (journal_suspect_) look_at_journal();
  for (const auto& suspect : suspects_) {
    const auto present = as_it_is_now(suspect);
    if (!present) {
      ++went_;
    } else if (auto fault = fault_of(*present)) {
      faults_.push_back(std::move(*fault));
    }
  }
  if (!strangers_.empty()) note_unseen_messages();
  for (const auto& name : strangers_) {
    const auto path = base::join(vault_.maildir_.cur(), name);
    if (known_.contains(name) || !vault_.ports_.disk.status(path)) continue;
    Fault fault;
    fault.kind = Maildir::parse_name(name) ? Fault::Kind::file_without_record : Fault::Kind::foreign_file;
    fault.place = "Maildir/cur/" + base::printable(name);
    fault.path = "Maildir/cur/" + name;
    faults_.push_back(std::move(fault));
  }
}

std::unique_ptr<Examination> SealedVault::examine() {
  return std::make_unique<Survey>(*this);
}

std::vector<std::string> SealedVault::check() {
  Survey survey(*this);
  while (survey.more()) {
  }
  survey.confirm();
  std::vector<std::string> faults;
  for (const auto& fault : survey.faults()) {
    // The pod's own affair: a vault is whole without.
    if (fault.kind == Fault::Kind::card_missing || fault.kind == Fault::Kind::card_disagrees) continue;
    faults.push_back(fmt::format("{}: {} {}", fault.place, words_for(fault.kind).name, fault.detail));
  }
  return faults;
}

}  // namespace mailpod::store
