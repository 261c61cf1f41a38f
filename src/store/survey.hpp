#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "sealed_vault.hpp"

namespace mailpod::store {

/// Everything on disk compared with what the journal says of it: message by message over one state of the vault, which
/// goes on changing. What seems wrong is a suspicion until confirm() has looked at it again.
class SealedVault::Survey final : public Examination {
public:
  explicit Survey(SealedVault& vault);

  bool more() override;
  void confirm() override;
  Progress progress() const override { return {done_, targets_.size(), went_}; }
  const std::vector<Fault>& faults() const override { return faults_; }

private:
  struct Target {
    MailboxId mailbox;
    MessageState message;
  };
  void look_at_journal();
  void look_at_folders();
  void look_at_card();
  std::optional<Fault> fault_of(const Target& target);
  std::optional<Target> as_it_is_now(const Target& target) const;
  void note_unseen_messages();

  SealedVault& vault_;
  std::vector<Target> targets_;
  std::uint64_t done_ = 0;
  std::uint64_t went_ = 0;
  std::unordered_set<std::uint64_t> seen_;  ///< places of ADDs
  std::unordered_set<std::string> known_;   ///< names below cur/ that have a record
  std::vector<Target> suspects_;
  std::vector<std::string> strangers_;  ///< names below cur/ without a record
  bool journal_seen_ = false;
  bool journal_suspect_ = false;
  std::vector<Fault> faults_;
};

/// Whether a sealed file is what its ADD promised, octet for octet, and opens with a drop key as the docs promise.
std::optional<Fault::Kind> fault_of_file(base::Disk& disk, const std::string& path, const AddRecord& add,
                                         const std::vector<crypto::AgeIdentity>& drop_keys);

}  // namespace mailpod::store
