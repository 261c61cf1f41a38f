#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mailpod/store/mailbox.hpp>

#include "expunged_ids.hpp"
#include "log_records.hpp"
#include "mailbox_draft.hpp"

namespace mailpod::store {

using ObjectName = std::pair<std::uint8_t, base::ByteArray<16>>;

/// So many modification sequences at most are lost by a crash, or with a damaged piece of the journal: flags that were
/// not durable yet have a bound in octets.
inline constexpr std::uint64_t mod_seq_gap = 1 << 20;

/// Everything a journal says of a vault, but what is read from it on demand.
struct Listing {
  Numbers numbers;
  std::shared_ptr<const VaultState> state = std::make_shared<VaultState>();
  /// How many messages stand on one ADD, by the ADD's position, where it is more than one.
  std::unordered_map<std::uint64_t, std::uint32_t> shared;
  ExpungedIds expunged;
  std::map<ObjectName, std::string> objects;
};

/// A change of a listing while it is being made. Records act on it in the same way whether they are new or replayed, so
/// that what a vault shows and what its journal says cannot differ. Nothing of the listing changes before publish().
class Change {
public:
  explicit Change(Listing& listing) : base_(listing), numbers_(listing.numbers) {}

  /// The mailbox as this change leaves it; nullptr if there is none.
  const MailboxState* find(MailboxId id) const;
  const Numbers& numbers() const { return numbers_; }
  /// The modification sequence of this change.
  ModSeq mod_seq() const { return {base_.numbers.mod_seq + 1}; }
  /// How many messages stand on the ADD at this position.
  std::uint32_t references(std::uint64_t record) const;

  // Each answers false if the record makes no sense here; it then did nothing, or as much as made sense.

  bool apply(const AddRecord& record, journal::Position position, std::size_t octets);
  bool apply_copy(const CopyRecord& record);
  bool apply_move(const CopyRecord& record);
  bool apply(const FlagsRecord& record);
  bool apply(const ExpungeRecord& record);
  bool apply(const MailboxRecord& record);
  bool apply(const ObjectRecord& record);
  bool apply(journal::Position position, std::uint8_t type, std::string_view payload);

  // What only a checkpoint says.

  bool append(MailboxId mailbox, const MessageState& message) { return append(mailbox, std::span(&message, 1)); }
  bool append(MailboxId mailbox, std::span<const MessageState> messages);
  bool set_save_dates(MailboxId mailbox, std::span<const MailboxDraft::SaveDate> dates);
  void set_shared(std::uint64_t record, std::uint32_t references) { shared_[record] = references; }
  void set_expunged(const MessageId& id) { expunged_.push_back(id); }
  void set_numbers(const Numbers& numbers);

  // What damage asks for.

  /// There is an INBOX, even if the record that made it was lost.
  void ensure_inbox();
  /// Lost records may have given so many UIDs: they are not given again.
  void pass_over_uids(std::uint32_t count);

  /// The listing becomes what this change made of it. Cheap in what did not change.
  void publish();

private:
  MailboxDraft* draft(MailboxId id);
  MailboxDraft* draft_or_orphan(MailboxId id);
  void release(const std::vector<MessageState>& messages);
  void advance(ModSeq mod_seq) { numbers_.mod_seq = std::max(numbers_.mod_seq, mod_seq.value); }
  bool append_copies(const CopyRecord& record);
  std::string_view object(const ObjectName& name) const;
  Annotations& annotations(MailboxId id);
  bool apply_annotation(const ObjectRecord& record);
  void apply_subscription(const ObjectRecord& record);
  void place_annotations();
  std::shared_ptr<const VaultState> next_state();

  Listing& base_;
  Numbers numbers_;
  std::map<MailboxId, std::optional<MailboxDraft>> drafts_;  ///< empty: deleted
  std::unordered_map<std::uint64_t, std::uint32_t> shared_;
  std::vector<MessageId> expunged_;
  std::map<ObjectName, std::string> objects_;
  std::map<MailboxId, Annotations> annotations_;           ///< of what has others than before, all it has then
  std::optional<std::set<std::string>> subscribed_names_;  ///< likewise
};

}  // namespace mailpod::store
