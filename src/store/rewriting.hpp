#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "sealed_vault.hpp"

namespace mailpod::store {

/// What is live in a vault, as the records of a new chain. docs/storage-format.md, "rewriting". Nobody may change the
/// vault meanwhile.
class SealedVault::Rewriting {
public:
  using Put = std::function<journal::Position(RecordType, const std::string&)>;
  Rewriting(const SealedVault& vault, Put put) : vault_(vault), put_(std::move(put)), change_(fresh_) {}

  /// First of all the numbers; then whoever calls adds the objects.
  void begin();
  void add(const ObjectRecord& object);
  /// The rest; the listing as the new chain gives it.
  Listing finish();
  /// Old and new places of ADDs.
  const std::unordered_map<std::uint64_t, std::uint64_t>& places() const { return places_; }

private:
  void add_expunged();
  void add_mailbox(const MailboxState& mailbox);
  void add_message(const MailboxState& mailbox, const MessageState& message);

  const SealedVault& vault_;
  Put put_;
  Listing fresh_;
  Change change_;
  std::unordered_map<std::uint64_t, std::uint64_t> places_;
  std::unordered_map<std::uint64_t, std::uint64_t> saved_first_;  ///< by old place: the save date of the old ADD
};

}  // namespace mailpod::store
