#include <algorithm>
#include <unordered_set>

#include "sealed_file.hpp"
#include "survey.hpp"
#include "transaction.hpp"

// What examine() found, put right where that loses nothing. On the lane: what is wrong is looked at once more first.
namespace mailpod::store {
namespace {

using Outcome = Vault::Mended::Outcome;

constexpr std::uint64_t piece = 1 << 20;

void copy_file(base::Disk& disk, const std::string& from, const std::string& to) {
  const auto source = disk.open(from, base::Disk::Open::read);
  const auto target = disk.open(to, base::Disk::Open::create_new);
  std::string octets(piece, '\0');
  for (std::uint64_t offset = 0;; offset += piece) {
    const auto got = source->read_at(offset, octets);
    if (got == 0) break;
    target->write_at(offset, std::string_view(octets).substr(0, got));
  }
  target->sync();
}

}  // namespace

Vault::Mended SealedVault::mend(const Fault& fault, Lost lost) {
  if (closed_ || *stopped_) throw std::system_error(make_error_code(Errc::closed));
  using Kind = Fault::Kind;
  switch (fault.kind) {
    case Kind::file_without_record:
      return list_again(fault);
    case Kind::record_unreadable:
    case Kind::file_missing:
    case Kind::file_damaged:
    case Kind::file_of_another_key:
      return let_go(fault, lost);
    case Kind::foreign_file:
      if (fault.path.empty()) return {};
      return put_aside(fault.path, "foreign name");
    case Kind::journal_damaged:
      return rewrite_damaged();
    default:
      return {};
  }
}

Vault::Mended SealedVault::put_aside(const std::string& path, std::string_view reason) {
  const auto from = base::join(maildir_.folder(), path);
  const auto information = ports_.disk.status(from);
  if (!information) return {Outcome::gone, "it is there no more"};
  if (information->kind == base::Disk::Kind::directory) return {Outcome::left, "a directory stays where it is"};
  ports_.disk.make_directory(maildir_.quarantine());
  const auto slash = path.rfind('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  while (ports_.disk.status(base::join(maildir_.quarantine(), name))) name += ".again";
  ports_.disk.rename(from, base::join(maildir_.quarantine(), name));
  // Where it went is durable before anybody hears of it.
  ports_.disk.sync_directory(maildir_.folder());
  ports_.disk.sync_directory(maildir_.quarantine());
  ports_.disk.sync_directory(from.substr(0, from.rfind('/')));
  ports_.log.warning("file quarantined member={} file={} reason=\"{}\"", member_.str(), base::printable(path), reason);
  return {Outcome::mended, "put aside in quarantine/" + base::printable(name)};
}

Vault::Mended SealedVault::list_again(const Fault& fault) {
  const auto slash = fault.path.rfind('/');
  const auto id = Maildir::parse_name(std::string_view(fault.path).substr(slash == std::string::npos ? 0 : slash + 1));
  if (!id) return {};
  const auto path = maildir_.in_cur(*id);
  if (!ports_.disk.status(path)) return {Outcome::gone, "it is there no more"};
  if (listing_.expunged.contains(*id)) return put_aside(fault.path, "of an expunged message");
  bool vouched = false;
  {
    const FileSource file(ports_.disk.open(path, base::Disk::Open::read));
    const auto unlocked = unlock(file, drop_keys_);
    const auto octets = unlocked ? read_sealed_record(file, *unlocked) : Result<std::string>(unlocked.error());
    const auto record = octets ? SealedRecord::decode(*octets) : Result<SealedRecord>(octets.error());
    vouched = record && record->origin == Origin::delivered && is_signed_by(*octets, pod_) && record->message == *id &&
              record->member == member_ && verify_mail(file, *unlocked, *record);
  }
  if (!vouched) return put_aside(fault.path, "no record, and not signed by the pod");
  ports_.disk.rename(path, maildir_.in_new(*id));
  ports_.disk.sync_directory(maildir_.fresh());
  ports_.disk.sync_directory(maildir_.cur());
  while (merge()) {
  }
  return {Outcome::mended, "the pod vouches for it: listed as new mail"};
}

Vault::Mended SealedVault::let_go(const Fault& fault, Lost lost) {
  const auto mailbox = listing_.state->find(fault.mailbox);
  const auto number = mailbox ? mailbox->find(fault.uid) : std::nullopt;
  if (!number) return {Outcome::gone, "it was expunged meanwhile"};
  const auto& message = mailbox->at(*number);
  const auto add = read_add(message.record);
  const bool whole = add && !fault_of_file(ports_.disk, path_of(add->message), *add, drop_keys_);
  if (whole) return {Outcome::gone, "it is whole"};
  if (lost == Lost::kept) return {Outcome::left, "kept in the listing, as it is"};
  if (add && ports_.disk.status(maildir_.in_cur(add->message))) {
    put_aside("Maildir/cur/" + Maildir::name_for(add->message), "damaged, and let go");
  }
  // All its standings: each would be as unreadable.
  const std::uint64_t record = message.record;
  const Uid uid = message.uid;
  const auto shown = listing_.state;
  for (const auto& each : shown->mailboxes) {
    std::vector<Uid> going;
    for (const auto& chunk : each->chunks) {
      for (const auto& one : chunk->messages) {
        const bool same = record == 0 ? each->id == fault.mailbox && one.uid == uid : one.record == record;
        if (same) going.push_back(one.uid);
      }
    }
    if (going.empty()) continue;
    Transaction transaction(*this);
    expunge_in(transaction, *each, going);
    transaction.commit();
  }
  return {Outcome::mended, fmt::format("let go: {} octets", fault.size)};
}

/// What the holes cost is lost already. The broken segments are kept in quarantine/, for whoever can read more in them.
Vault::Mended SealedVault::rewrite_damaged() {
  const auto findings = journal_->inspect_all();
  if (findings.empty()) return {Outcome::gone, "the journal was written anew already"};
  ports_.disk.make_directory(maildir_.quarantine());
  for (const auto& finding : findings) {
    const auto name = fmt::format("{:08x}.seg", finding.segment);
    const auto from = base::join(maildir_.log(), name);
    const auto to = base::join(maildir_.quarantine(), name);
    if (ports_.disk.status(from) && !ports_.disk.status(to)) copy_file(ports_.disk, from, to);
  }
  ports_.disk.sync_directory(maildir_.quarantine());
  ports_.disk.sync_directory(maildir_.folder());
  compact();
  return {Outcome::mended, "the journal was written anew; the broken segments are in quarantine/"};
}

Vault::Figures SealedVault::figures() {
  Figures figures;
  std::unordered_set<std::uint64_t> seen;
  const auto shown = state();
  for (const auto& mailbox : shown->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        if (message.record == 0 || seen.insert(message.record).second) figures.mail_octets += message.size;
      }
    }
  }
  const std::scoped_lock lock(shown_);
  figures.journal_octets = journal_->total_size();
  figures.live_octets = std::min(live_octets(), figures.journal_octets);
  figures.expunged_ids = listing_.expunged.size();
  figures.drop_keys = static_cast<std::uint32_t>(drop_keys_.size());
  figures.newest_drop_key = newest_drop_key_;
  if (!drop_keys_.empty()) figures.drop_recipient = drop_keys_.front().recipient().point;
  if (archive_recipient_) figures.archive_recipient = archive_recipient_->point;
  return figures;
}

}  // namespace mailpod::store
