#include <algorithm>

#include <mailpod/store/rekey.hpp>

#include "recovery.hpp"
#include "transaction.hpp"

namespace mailpod::store {
namespace {

/// Rewritten when it is so many times as large as what is live in it.
constexpr std::uint64_t rewrite_ratio = 3;

boost::system::error_code store_error(const boost::system::error_code& error) {
  if (error == journal::Errc::wrong_key) return make_error_code(Errc::wrong_key);
  if (error == journal::Errc::no_journal) return make_error_code(Errc::damaged);
  return error;
}

}  // namespace

SealedVault::SealedVault(const Ports& ports, std::string folder, MemberId member, const crypto::VaultKey& key,
                         const crypto::PublicKey& pod, const Settings& settings)
    : ports_(ports),
      maildir_(std::move(folder)),
      member_(member),
      pod_(pod),
      settings_(settings),
      drop_seal_(key.derive(drop_label)),
      arrivals_({ports.disk, ports.log}, maildir_, {member, pod}, drop_keys_) {}

Status SealedVault::open_journal(const crypto::VaultKey& key) {
  Recovery recovery(*this);
  const journal::Journal::Identity identity{maildir_.log(), std::string(base::octets(member_.bytes))};
  const journal::Journal::Settings journal_settings;
  auto opened = journal::Journal::open({ports_.disk, ports_.entropy}, identity, key.derive(log_label), journal_settings,
                                       recovery);
  if (!opened) return store_error(opened.error());
  journal_ = std::move(*opened);
  recovery.finish(journal_->findings());
  if (const auto loaded = load_keys(drop_seal_); !loaded) return loaded.error();
  load_archive_recipient();

  for (const auto& finding : journal_->findings()) {
    ports_.log.warning("journal finding member={} kind={} segment={} offset={} length={}", member_.str(),
                       journal::name_for(finding.kind), finding.segment, finding.offset, finding.length);
  }
  if (recovery.senseless_records() > 0) {
    ports_.log.warning("journal records without sense member={} count={}", member_.str(), recovery.senseless_records());
  }
  // Clients may have been shown modification sequences of flag changes that a crash took; these must not return.
  auto& last = listing_.numbers.mod_seq;
  last = std::max(last + mod_seq_gap, base::to_micros(ports_.clock.now()));
  recovery.recover_files();
  give_up_drop_keys();
  rewrite_if_worthwhile();
  checkpoint_if_due();
  make_index(key);
  return {};
}

Status SealedVault::load_keys(const crypto::Key& drop_seal) {
  std::vector<DropKey> keys;
  for (const auto& [name, content] : listing_.objects) {
    if (name.first != static_cast<std::uint8_t>(ObjectKind::drop_key)) continue;
    auto key = read_drop_key(member_, content, drop_seal);
    if (!key) return key.error();
    keys.push_back(std::move(*key));
  }
  std::ranges::sort(keys, std::greater(), &DropKey::number);
  if (!keys.empty()) {
    newest_drop_key_ = keys.front().number;
    newest_drop_key_made_ = keys.front().made;
  }
  for (auto& key : keys) drop_keys_.push_back(std::move(key.identity));
  return {};
}

/// An older drop key has served once nothing is sealed to it any more: all is merged, and nobody who read the card
/// before it was replaced is still at work.
void SealedVault::give_up_drop_keys() {
  if (drop_keys_.size() < 2) return;
  if (ports_.clock.now() < newest_drop_key_made_ + settings_.unfinished_age) return;
  if (!ports_.disk.list(maildir_.fresh()).empty()) return;
  for (const auto& entry : ports_.disk.list(maildir_.tmp())) {
    const auto unfinished = UnfinishedName::parse(entry.name);
    if (!unfinished || unfinished->for_delivery) return;  // an intent, or what one speaks for
  }
  Transaction transaction(*this);
  for (const auto& [name, content] : listing_.objects) {
    if (name.first != static_cast<std::uint8_t>(ObjectKind::drop_key)) continue;
    const auto key = read_drop_key(member_, content, drop_seal_);
    if (key && key->number != newest_drop_key_) transaction.object({name.first, name.second, {}});
  }
  transaction.commit();
  drop_keys_.erase(drop_keys_.begin() + 1, drop_keys_.end());
}

void SealedVault::load_archive_recipient() {
  const auto known = listing_.objects.find({static_cast<std::uint8_t>(ObjectKind::archive_recipient), {}});
  if (known == listing_.objects.end()) return;
  if (const auto point = base::byte_array<32>(known->second)) {
    archive_recipient_ = crypto::AgeRecipient{*point};
  } else {
    ports_.log.error("archive recipient unreadable member={}", member_.str());
  }
}

/// About what a rewritten journal would take.
std::uint64_t SealedVault::live_octets() const {
  const auto& numbers = listing_.numbers;
  std::uint64_t messages = 0;
  for (const auto& mailbox : listing_.state->mailboxes) messages += mailbox->count;
  const std::uint64_t add_size = numbers.adds == 0 ? 0 : numbers.add_octets / numbers.adds + 128;
  // Ids of expunged messages are kept for ever: 21 octets in a record, 16 in the checkpoint.
  return messages * (add_size + 32) + listing_.expunged.size() * 37;
}

void SealedVault::rewrite_if_worthwhile() {
  if (journal_->total_size() < std::max(settings_.rewrite_above, rewrite_ratio * live_octets())) return;
  try {
    rewrite_journal();
  } catch (const std::system_error& error) {
    ports_.log.warning("journal rewrite failed member={} reason=\"{}\"", member_.str(), error.what());
  }
}

Result<std::unique_ptr<Vault>> Vault::open(const Ports& ports, std::string folder, MemberId member,
                                           const std::shared_ptr<const crypto::VaultKey>& key,
                                           base::ByteArray<32> pod_public_key, Settings settings) {
  settle_rekey(ports.disk, {folder, member, pod_public_key}, *key);
  auto vault = std::make_unique<SealedVault>(ports, std::move(folder), member, *key, pod_public_key, settings);
  if (const auto opened = vault->open_journal(*key); !opened) return opened.error();
  return std::unique_ptr<Vault>(std::move(vault));
}

}  // namespace mailpod::store
