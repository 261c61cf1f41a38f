#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "checkpoint.hpp"
#include "sealed_vault.hpp"

namespace mailpod::store {

/// Takes a vault's journal into its listing, and then completes what a crash left half done below Maildir/.
///
/// Only the tail can call for that: the folders are synced before each checkpoint.
class SealedVault::Recovery final : public journal::Replay {
public:
  explicit Recovery(SealedVault& vault) : vault_(vault), change_(vault.listing_) {}

  void begin() override;
  bool checkpoint(std::string_view part) override { return read_checkpoint_part(part, *change_); }
  void record(const journal::Record& record) override;

  /// The listing is as the journal says. UIDs that lost records may have given are passed over.
  void finish(const std::vector<journal::Finding>& findings);
  /// Files: renamed if they have a record, removed if it was expunged or if they are unfinished and old.
  void recover_files();
  std::size_t senseless_records() const { return senseless_; }

private:
  void recover_folder(const std::string& folder);
  bool is_stale(std::string_view name) const;

  SealedVault& vault_;
  std::optional<Change> change_;
  std::unordered_set<MessageId, MessageIdHash> added_;
  std::unordered_set<MessageId, MessageIdHash> expunged_;
  std::size_t senseless_ = 0;
};

}  // namespace mailpod::store
