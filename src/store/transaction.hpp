#pragma once

#include <string>
#include <vector>

#include "sealed_vault.hpp"

namespace mailpod::store {

/// One durable change of a vault: records are staged and act on a Change; commit() makes them durable together, then
/// shows the change, then moves the files. Destroyed without commit() nothing happened.
class SealedVault::Transaction {
public:
  explicit Transaction(SealedVault& vault);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const Change& change() const { return change_; }
  ModSeq mod_seq() const { return change_.mod_seq(); }

  void add(const AddRecord& record);
  void copy(const CopyRecord& record);
  void move(const CopyRecord& record);
  void expunge(const ExpungeRecord& record);
  void mailbox(const MailboxRecord& record);
  void object(const ObjectRecord& record);

  /// After the commit: `from` becomes the message's file in cur/.
  void place_file(const MessageId& message, const std::string& from) { placings_.push_back({message, from, false}); }
  /// After the commit: the message's file goes.
  void remove_file(const MessageId& message) { removals_.push_back({message, {}, true}); }

  /// Throws std::system_error; then nothing happened, unless the journal is in doubt.
  void commit();

private:
  journal::Position stage(RecordType type, const std::string& payload);

  SealedVault& vault_;
  Change change_;
  std::vector<FileStep> placings_;
  std::vector<FileStep> removals_;
  bool committed_ = false;
};

}  // namespace mailpod::store
