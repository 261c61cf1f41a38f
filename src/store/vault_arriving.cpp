#include <algorithm>
#include <limits>

#include <mailpod/message/scanner.hpp>
#include <mailpod/store/delivery_place.hpp>

#include "flag_table.hpp"
#include "sealed_file.hpp"
#include "transaction.hpp"

// How messages enter: by APPEND from the member's client, by merging what the pod delivered.
namespace mailpod::store {
namespace {

/// Files that a slice of a merge examines before others may use the lane.
constexpr std::size_t examined_at_once = 64;

/// An APPEND whose file is durable in tmp/.
class Prepared final : public PreparedMessage {
public:
  Prepared(base::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~Prepared() override {
    if (kept_) return;
    try {
      disk_.unlink(path_);
    } catch (const std::exception&) {
      // It is removed when it has become old.
    }
  }
  /// A record may speak for the file now.
  void keep() { kept_ = true; }
  const std::string& path() const { return path_; }

  AddRecord record;  ///< all but its place in a mailbox
  FlagChange flags;

private:
  base::Disk& disk_;
  std::string path_;
  bool kept_ = false;
};

void describe(AddRecord& add, const SealedFile& sealed) {
  add.sealed_hash = sealed.hash;
  add.sealed_size = sealed.size;
  add.payload_offset = static_cast<std::uint32_t>(sealed.payload_offset);
  add.file_key = base::octets(sealed.key);
}

}  // namespace

std::vector<crypto::AgeRecipient> SealedVault::append_recipients() const {
  std::vector<crypto::AgeRecipient> recipients;
  if (drop_keys_.empty()) return recipients;
  recipients.push_back(drop_keys_.front().recipient());
  const std::scoped_lock lock(shown_);
  if (archive_recipient_) recipients.push_back(*archive_recipient_);
  return recipients;
}

Status SealedVault::set_archive_recipient(std::optional<crypto::AgeRecipient> recipient) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  Transaction transaction(*this);
  const std::string content(recipient ? base::octets(recipient->point) : std::string_view());
  transaction.object({static_cast<std::uint8_t>(ObjectKind::archive_recipient), {}, content});
  transaction.commit();
  const std::scoped_lock lock(shown_);
  archive_recipient_ = recipient;
  return {};
}

Result<std::unique_ptr<PreparedMessage>> SealedVault::prepare(const base::OctetSource& octets, const Append& append) {
  if (*stopped_) return make_error_code(Errc::closed);
  if (octets.size() > std::numeric_limits<std::uint32_t>::max()) return make_error_code(Errc::too_big);
  const UnfinishedName name{ports_.entropy.bytes<16>(), ports_.clock.now(), false};
  const auto path = base::join(maildir_.tmp(), name.str());
  const auto recipients = append_recipients();
  if (recipients.empty()) return make_error_code(Errc::damaged);

  SealedRecord record;
  record.origin = Origin::appended;
  record.member = member_;
  record.message = name.message;
  record.received = append.internal_date;
  record.size = octets.size();
  message::Scanner scanner;
  const auto take = [&](std::string_view some) {
    if (*stopped_) throw std::system_error(make_error_code(Errc::closed));
    scanner.feed(some);
  };
  const Sealing sealing{ports_.entropy, recipients, take, [&](const crypto::Digest& mail_hash) {
                          record.mail_hash = mail_hash;
                          if (auto encoded = message::encode_within(scanner.finish())) record.structure = *encoded;
                          return record.encode(nullptr);
                        }};
  const auto file = ports_.disk.open(path, base::Disk::Open::create_new);
  auto prepared = std::make_unique<Prepared>(ports_.disk, path);
  const auto sealed = write_sealed_file(*file, octets, sealing);
  file->sync();
  ports_.disk.sync_directory(maildir_.tmp());

  auto& add = prepared->record;
  describe(add, sealed);
  add.message = add.email_id = name.message;
  // A client may say any date; a listing has 32 bits for it.
  add.internal_date = std::min<std::uint64_t>(base::to_seconds(append.internal_date), UINT32_MAX);
  add.mail_hash = record.mail_hash;
  add.size = record.size;
  add.origin = Origin::appended;
  add.structure = std::move(record.structure);
  prepared->flags = append.flags;
  return std::unique_ptr<PreparedMessage>(std::move(prepared));
}

Quota SealedVault::quota() const {
  Quota quota = quota_ ? quota_() : Quota();
  quota.mailboxes = settings_.mailboxes;
  return quota;
}

bool SealedVault::has_room_for(const Usage& more, const Usage& less) const {
  const bool grows = more.octets > less.octets || more.messages > less.messages;
  return !grows || quota().fits(usage_of(*listing_.state) + more - less);
}

Result<Vault::Appended> SealedVault::append(MailboxId id, std::vector<std::unique_ptr<PreparedMessage>> messages) {
  return append_instead(nullptr, id, std::move(messages));
}

Result<Vault::Appended> SealedVault::replace(const Replaced& old, MailboxId id,
                                             std::vector<std::unique_ptr<PreparedMessage>> messages) {
  return append_instead(&old, id, std::move(messages));
}

/// An append, and the expunge of one message if there is one to be replaced.
Result<Vault::Appended> SealedVault::append_instead(const Replaced* old, MailboxId id,
                                                    std::vector<std::unique_ptr<PreparedMessage>> messages) {
  if (closed_ || *stopped_) return make_error_code(Errc::closed);
  const auto mailbox = selectable(id);
  if (!mailbox) return make_error_code(Errc::no_such_mailbox);
  const auto source = (old != nullptr) ? selectable(old->mailbox) : nullptr;
  const auto replaced = source ? source->find(old->uid) : std::nullopt;
  if ((old != nullptr) && !replaced) return make_error_code(Errc::gone);
  const Usage less = replaced ? Usage{source->at(*replaced).size, 1} : Usage();
  if (mailbox->uid_next.value + messages.size() > last_uid) return make_error_code(Errc::too_big);
  FlagTable table(mailbox->keywords);
  std::vector<Flags> flags;
  Usage more;
  for (const auto& message : messages) {
    more += {static_cast<const Prepared&>(*message).record.size, 1};
    auto wanted = static_cast<const Prepared&>(*message).flags;
    wanted.how = FlagChange::How::replace;
    const auto bits = table.bits_for(wanted);
    if (!bits) return bits.error();
    flags.push_back({*bits});
  }
  Appended appended;
  appended.uid_validity = mailbox->uid_validity;
  if (messages.empty()) return appended;
  if (!has_room_for(more, less)) return make_error_code(Errc::over_quota);

  Transaction transaction(*this);
  if (table.grown()) {
    MailboxRecord grown = MailboxRecord::of(*mailbox);
    grown.keywords = table.keywords();
    transaction.mailbox(grown);
  }
  std::uint32_t uid = mailbox->uid_next.value;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto& prepared = static_cast<Prepared&>(*messages[i]);
    auto& add = prepared.record;
    add.mailbox = id;
    add.uid = {uid++};
    add.mod_seq = transaction.mod_seq();
    add.save_date = base::to_seconds(ports_.clock.now());
    add.flags = flags[i];
    transaction.add(add);
    transaction.place_file(add.message, prepared.path());
    appended.uids.push_back(add.uid);
  }
  if (old != nullptr) expunge_in(transaction, *source, {old->uid});
  try {
    transaction.commit();
  } catch (const std::system_error&) {
    if (journal_->in_doubt()) {
      for (auto& message : messages) static_cast<Prepared&>(*message).keep();
    }
    throw;
  }
  for (auto& message : messages) static_cast<Prepared&>(*message).keep();
  return appended;
}

bool SealedVault::merge() {
  if (closed_ || *stopped_) return false;
  // Everything would look as if it were sealed to somebody else.
  if (drop_keys_.empty()) throw std::system_error(make_error_code(Errc::damaged));
  if (arrivals_.look(examined_at_once)) return true;
  const auto group = arrivals_.next(settings_.merge_group);
  if (group.empty()) return !arrivals_.empty();

  Transaction transaction(*this);
  std::vector<std::string> unwelcome;
  Usage taken;
  for (const auto& arrival : group) {
    const auto& record = arrival.record;
    if (awaits_its_rename(record.message)) continue;
    taken += {arrival.sealed_size, 1};
    const bool known =
        listing_.expunged.contains(record.message) || ports_.disk.status(maildir_.in_cur(record.message));
    if (known) {
      unwelcome.push_back(Maildir::name_for(record.message));
      continue;
    }
    const auto mailbox = delivery_place(*listing_.state, record.target_mailbox);
    if (!mailbox) throw std::system_error(make_error_code(Errc::damaged));
    AddRecord add;
    add.message = add.email_id = record.message;
    add.mailbox = mailbox->id;
    add.uid = transaction.change().find(mailbox->id)->uid_next;
    add.mod_seq = transaction.mod_seq();
    add.internal_date = base::to_seconds(record.received);
    add.save_date = base::to_seconds(ports_.clock.now());
    add.sealed_hash = arrival.sealed_hash;
    add.mail_hash = record.mail_hash;
    add.size = record.size;
    add.sealed_size = arrival.sealed_size;
    add.payload_offset = static_cast<std::uint32_t>(arrival.unlocked.payload_offset);
    add.flags = {record.system_flags};
    add.file_key = base::octets(arrival.unlocked.key);
    add.origin = Origin::delivered;
    add.structure = record.structure;
    transaction.add(add);
    transaction.place_file(record.message, maildir_.in_new(record.message));
  }
  transaction.commit();
  merged_octets_ += taken.octets;
  merged_messages_ += taken.messages;
  arrivals_.done(group.size());
  // It was here before: put back by somebody, from a backup perhaps.
  for (const auto& name : unwelcome) arrivals_.quarantine(name, "known already");
  return !arrivals_.empty();
}

void SealedVault::close() {
  if (closed_) return;
  // Whatever fails below, nothing is written any more: another may open the journal next.
  closed_ = true;
  if (indexing_) indexing_->close();
  if (!unflushed_.empty()) Transaction(*this).commit();
  checkpoint_for_next_opening();
  retry_file_steps();
  // CLOSE says that nothing needs recovery.
  if (untaken_steps_.empty()) {
    sync_folders();
    journal_->close();
  }
}

}  // namespace mailpod::store
