#include <unordered_set>

#include <mailpod/store/letterbox.hpp>

#include "sealed_file.hpp"
#include "sealed_vault.hpp"

// Everything on disk compared with what the journal says of it.
namespace mailpod::store {
namespace {

/// Whether a sealed file is what its ADD promised, octet for octet, and opens with a drop key as the docs promise.
std::string fault_of(base::Disk& disk, const std::string& path, const AddRecord& add,
                     const std::vector<crypto::AgeIdentity>& drop_keys) {
  if (!disk.status(path)) return "missing";
  const FileSource file(disk.open(path, base::Disk::Open::read));
  if (file.size() != add.sealed_size || hash_of(file) != add.sealed_hash) return "damaged";
  const auto unlocked = unlock(file, drop_keys);
  // Sealed to a drop key that was given up since: the journal's file key opens it all the same.
  if (unlocked && base::octets(unlocked->key) != add.file_key) return "sealed under another key than the journal says";
  return {};
}

}  // namespace

std::vector<std::string> SealedVault::check() {
  std::vector<std::string> faults;
  const journal::Journal::Identity identity{maildir_.log(), std::string(base::octets(member_.bytes))};
  for (const auto& finding : journal_->inspect_all()) {
    faults.push_back(fmt::format("journal segment {:08x}: {} at {}, {} octets", finding.segment,
                                 journal::name_for(finding.kind), finding.offset, finding.length));
  }
  std::unordered_set<std::string> known;
  std::unordered_set<std::uint64_t> seen;
  const auto shown = state();
  for (const auto& mailbox : shown->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        if (!seen.insert(message.record).second) continue;
        const auto add = read_add(message.record);
        if (!add) {
          faults.push_back(
              fmt::format("uid {} of mailbox {}: its record is damaged", message.uid.value, mailbox->id.value));
          continue;
        }
        known.insert(Maildir::name_for(add->message));
        const auto fault = fault_of(ports_.disk, path_of(add->message), *add, drop_keys_);
        if (!fault.empty()) faults.push_back(fmt::format("message {}: {}", Maildir::name_for(add->message), fault));
      }
    }
  }
  for (const auto& entry : ports_.disk.list(maildir_.cur())) {
    if (!known.contains(entry.name)) faults.push_back(fmt::format("cur/{}: no record", base::printable(entry.name)));
  }
  if (ports_.disk.status(maildir_.quarantine())) {
    for (const auto& entry : ports_.disk.list(maildir_.quarantine())) {
      faults.push_back(fmt::format("quarantine/{}", base::printable(entry.name)));
    }
  }
  const auto card = ports_.disk.status(base::join(maildir_.folder(), "card"));
  if (card && !read_card(ports_.disk, maildir_.folder(), member_, pod_)) faults.emplace_back("card: damaged");
  return faults;
}

}  // namespace mailpod::store
