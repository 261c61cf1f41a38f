#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <mailpod/journal/journal.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vault.hpp>
#include <mailpod/store/vaults.hpp>

#include "arrivals.hpp"
#include "drop_key.hpp"
#include "indexing.hpp"
#include "listing.hpp"
#include "maildir.hpp"

namespace mailpod::store {

struct MessageIdHash {
  std::size_t operator()(const MessageId& id) const noexcept { return std::hash<std::string_view>{}(base::octets(id)); }
};

/// The vault on disk. One writer at a time (the lane); reading only touches what `shown_` guards, the journal's read()
/// and what never changes.
class SealedVault final : public Vault {
public:
  SealedVault(const Ports& ports, std::string folder, MemberId member, const crypto::VaultKey& key,
              const crypto::PublicKey& pod, const Settings& settings);

  /// Before anything else, once.
  Status open_journal(const crypto::VaultKey& key);

  MemberId member() const override { return member_; }
  std::shared_ptr<const VaultState> state() const override;
  Result<std::unique_ptr<StoredMessage>> open_message(const MessageState& message) override;
  Result<std::shared_ptr<const message::Structure>> structure(const MessageState& message) override;
  Result<Particulars> particulars(const MessageState& message) override;
  Result<base::ByteArray<32>> mail_hash(const MessageState& message) override;
  std::shared_ptr<void> subscribe(std::function<void()> bell) override;
  std::vector<std::string> check() override;
  std::unique_ptr<Examination> examine() override;
  Figures figures() override;
  void hand_over(Arrival arrival) override { arrivals_.hand_over(std::move(arrival)); }
  void limit_by(std::function<Quota()> quota) override { quota_ = std::move(quota); }
  Quota quota() const override;
  Usage merged() const override { return {merged_octets_, merged_messages_}; }
  void stop() override;
  std::shared_ptr<const search::Hits> look_up(std::string_view folded, search::Where where) override;
  message::Searched searched() const override { return settings_.searched; }
  std::shared_ptr<const search::Likenesses> look_up_alike(const search::LikeQuery& query, search::Where where) override;
  bool index_more(std::chrono::microseconds time) override;
  search::Stats search_stats() override;
  void drop_index() override;

  Result<MailboxId> create_mailbox(std::string_view name, SpecialUse use) override;
  Status delete_mailbox(std::string_view name) override;
  Status rename_mailbox(std::string_view from, std::string_view to) override;
  Status subscribe_mailbox(std::string_view name) override;
  Status unsubscribe_mailbox(std::string_view name) override;
  std::size_t annotation_limit() const override { return settings_.annotation_octets; }
  Status annotate(std::string_view mailbox, std::span<const Annotation> annotations) override;
  Result<FlagResult> change_flags(MailboxId mailbox, std::span<const Uid> uids, const FlagChange& change,
                                  std::optional<ModSeq> unchanged_since) override;
  Result<std::vector<Uid>> expunge(MailboxId mailbox, std::span<const Uid> uids, Expunge which) override;
  Result<Copied> copy(MailboxId from, std::span<const Uid> uids, MailboxId to) override;
  Result<Copied> move(MailboxId from, std::span<const Uid> uids, MailboxId to) override;
  Result<std::unique_ptr<PreparedMessage>> prepare(const base::OctetSource& octets, const Append& append) override;
  Result<Appended> append(MailboxId id, std::vector<std::unique_ptr<PreparedMessage>> messages) override;
  Result<Appended> replace(const Replaced& old, MailboxId id,
                           std::vector<std::unique_ptr<PreparedMessage>> messages) override;
  Status set_archive_recipient(std::optional<crypto::AgeRecipient> recipient) override;
  Mended mend(const Fault& fault, Lost lost) override;
  void compact() override;
  bool merge() override;
  void flush() override;
  void close() override;

  /// The same vault as a journal in `folder`, which exists and is empty, under another key, with a further drop key as
  /// its newest. Durable but for the folder's own name. Nobody may change the vault meanwhile.
  NewVault write_under(const crypto::VaultKey& key, const std::string& folder);

private:
  class Transaction;
  class Recovery;
  class Survey;
  class Rewriting;
  using Bell = std::function<void()>;
  /// A record that waits for the next commit: flag changes, which may be lost for a second.
  struct Unflushed {
    RecordType type;
    std::string payload;
  };
  /// A rename or unlink below Maildir/ that follows a record.
  struct FileStep {
    MessageId message{};
    std::string from;  ///< path; renamed to cur/, or unlinked when `remove`
    bool remove = false;
  };

  // Opening.
  Status load_keys(const crypto::Key& drop_seal);
  void load_archive_recipient();
  void make_index(const crypto::VaultKey& key);
  std::uint64_t live_octets() const;
  void rewrite_if_worthwhile();
  void rewrite_journal();
  void give_up_drop_keys();

  // Changing.
  bool has_room_for(const Usage& more, const Usage& less = {}) const;
  Result<Appended> append_instead(const Replaced* old, MailboxId id,
                                  std::vector<std::unique_ptr<PreparedMessage>> messages);
  std::shared_ptr<const MailboxState> selectable(MailboxId id) const;
  Result<std::size_t> room_for(const Annotations& present, std::span<const Annotation> annotations) const;
  bool has_room_for_copy_of(const MailboxState& annotated) const;
  static void copy_annotations(Transaction& transaction, const MailboxState& from, MailboxId to);
  static void drop_annotations(Transaction& transaction, const MailboxState& mailbox);
  bool is_subscribed_name(const std::string& name) const;
  static void keep_subscription(Transaction& transaction, const MailboxState& gone);
  void take_up_subscription(Transaction& transaction, MailboxId id);
  Status change_subscription(std::string_view name, bool subscribed);
  Status rename_inbox(const std::string& to);
  Status make_room_for_mailboxes(std::size_t count) const;
  void make_superiors(Transaction& transaction, std::string_view name);
  void drop_empty_superiors(Transaction& transaction, std::string_view gone, std::string_view renamed);
  MailboxId make_mailbox(Transaction& transaction, const std::string& name, SpecialUse use);
  Result<Copied> transfer(RecordType type, MailboxId from, std::span<const Uid> uids, MailboxId to);
  void expunge_in(Transaction& transaction, const MailboxState& mailbox, const std::vector<Uid>& uids);
  std::optional<AddRecord> read_add(std::uint64_t record) const;
  /// Of what stands there now, wherever it stood before.
  std::optional<AddRecord> read_add_at(std::uint64_t place) const;
  std::uint64_t present_place(std::uint64_t record) const;
  void publish(Change& change);
  void ring() const;
  void take_file_steps(std::vector<FileStep> steps);
  bool take_file_step(const FileStep& step);
  void retry_file_steps();
  void sync_folders();
  void checkpoint_if_due();
  void checkpoint_for_next_opening();
  void checkpoint_from(std::uint64_t due);
  void write_checkpoint_now();

  // Mending.
  Mended list_again(const Fault& fault);
  Mended let_go(const Fault& fault, Lost lost);
  Mended put_aside(const std::string& path, std::string_view reason);
  Mended rewrite_damaged();

  // Reading.
  std::vector<crypto::AgeRecipient> append_recipients() const;
  bool awaits_its_rename(const MessageId& id) const;
  std::string path_of(const MessageId& id) const;
  boost::system::error_code why_missing(const MessageId& id) const;

  Ports ports_;
  Maildir maildir_;
  MemberId member_;
  crypto::PublicKey pod_;
  Settings settings_;
  crypto::Key drop_seal_;
  std::unique_ptr<journal::Journal> journal_;
  std::vector<crypto::AgeIdentity> drop_keys_;  ///< newest first
  std::uint32_t newest_drop_key_ = 0;           ///< its number
  base::Time newest_drop_key_made_;
  Arrivals arrivals_;

  Listing listing_;
  std::vector<Unflushed> unflushed_;
  std::size_t unflushed_octets_ = 0;
  bool folders_unsynced_ = true;            ///< at first because of what a killed predecessor renamed
  std::uint64_t checkpoint_not_below_ = 0;  ///< after a failed one: tail size at which to try again
  bool closed_ = false;
  std::function<Quota()> quota_;
  std::atomic<std::uint64_t> merged_octets_{0}, merged_messages_{0};

  mutable std::mutex shown_;  ///< guards what follows and listing_.state, listing_.expunged while they change
  std::optional<crypto::AgeRecipient> archive_recipient_;
  std::unordered_map<MessageId, FileStep, MessageIdHash> untaken_steps_;
  std::vector<std::weak_ptr<Bell>> bells_;
  /// Where the ADDs stand that older states know at another place: the journal was written anew since.
  std::unordered_map<std::uint64_t, std::uint64_t> moved_;
  std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<Indexing> indexing_;  ///< nullptr: no index is wanted. It reads this vault, so it is the last
};

}  // namespace mailpod::store
