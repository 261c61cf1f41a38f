#include "recovery.hpp"

#include <algorithm>

namespace mailpod::store {

void SealedVault::Recovery::begin() {
  change_.emplace(vault_.listing_);
  added_.clear();
  expunged_.clear();
  senseless_ = 0;
}

void SealedVault::Recovery::record(const journal::Record& record) {
  if (!change_->apply(record.position, record.type, record.payload)) ++senseless_;
  if (record.type == static_cast<std::uint8_t>(RecordType::add)) {
    if (const auto add = AddRecord::decode(record.payload)) added_.insert(add->message);
  }
  if (record.type == static_cast<std::uint8_t>(RecordType::expunge)) {
    const auto expunge = ExpungeRecord::decode(record.payload);
    if (!expunge) return;
    for (const auto& entry : expunge->entries) {
      if (entry.last) expunged_.insert(entry.message);
    }
  }
}

namespace {

/// How many UIDs the lost octets can have given at most: an entry of COPY is the shortest that gives one.
std::uint32_t lost_uids(const std::vector<journal::Finding>& findings) {
  constexpr std::uint64_t shortest = 28;
  constexpr std::uint64_t unknown = 1 << 20;
  std::uint64_t count = 0;
  for (const auto& finding : findings) {
    switch (finding.kind) {
      case journal::Finding::Kind::lost_records:
      case journal::Finding::Kind::over_budget:
        count += finding.length == 0 ? unknown : finding.length / shortest + 1;
        break;
      case journal::Finding::Kind::missing_segment:
        count += unknown;
        break;
      default:
        break;
    }
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 0xffff'ffffU));
}

}  // namespace

void SealedVault::Recovery::finish(const std::vector<journal::Finding>& findings) {
  change_->ensure_inbox();
  if (const auto lost = lost_uids(findings); lost > 0) change_->pass_over_uids(lost);
  change_->publish();
  change_.reset();
}

void SealedVault::Recovery::recover_files() {
  for (const auto& id : expunged_) {
    if (!vault_.ports_.disk.status(vault_.maildir_.in_cur(id))) continue;
    vault_.take_file_step({id, vault_.maildir_.in_cur(id), true});
  }
  recover_folder(vault_.maildir_.tmp());
  // One that held much once takes long to be read, and only what the tail speaks of can stand there by mistake.
  if (!added_.empty() || !expunged_.empty()) recover_folder(vault_.maildir_.fresh());
}

void SealedVault::Recovery::recover_folder(const std::string& folder) {
  for (const auto& entry : vault_.ports_.disk.list(folder)) {
    const auto path = base::join(folder, entry.name);
    const auto id = Maildir::parse_name(std::string_view(entry.name).substr(0, 32));
    if (!id) continue;
    const bool is_added = added_.contains(*id);
    if (expunged_.contains(*id) || (!is_added && is_stale(entry.name))) {
      vault_.take_file_step({*id, path, true});
    } else if (is_added && !vault_.take_file_step({*id, path, false})) {
      vault_.untaken_steps_.insert_or_assign(*id, FileStep{*id, path, false});
    }
  }
}

bool SealedVault::Recovery::is_stale(std::string_view name) const {
  const auto unfinished = UnfinishedName::parse(name);
  // A delivery's files are the business of complete_intents().
  if (!unfinished || unfinished->for_delivery) return false;
  return unfinished->begun + vault_.settings_.unfinished_age < vault_.ports_.clock.now();
}

}  // namespace mailpod::store
