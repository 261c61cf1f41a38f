#include <mailpod/store/rekey.hpp>

#include "sealed_vault.hpp"

namespace mailpod::store {
namespace {

std::string next_log(const std::string& folder) {
  return base::join(folder, "log.next");
}
std::string next_card(const std::string& folder) {
  return base::join(folder, "card.next");
}

void remove_files(base::Disk& disk, const std::string& folder) {
  for (const auto& entry : disk.list(folder)) disk.unlink(base::join(folder, entry.name));
}

/// What an earlier attempt left, which its slot never came to lead to. The card goes first: one without a journal
/// beside it counts.
void forget_attempt(base::Disk& disk, const std::string& folder) {
  if (disk.status(next_card(folder))) {
    disk.unlink(next_card(folder));
    disk.sync_directory(folder);
  }
  if (!disk.status(next_log(folder))) return;
  remove_files(disk, next_log(folder));
  disk.remove_directory(next_log(folder));
  disk.sync_directory(folder);
}

}  // namespace

Result<NewVault> begin_rekey(const Vault::Ports& ports, const VaultPlace& place,
                             const std::shared_ptr<const crypto::VaultKey>& key, const crypto::VaultKey& fresh) {
  settle_rekey(ports.disk, place, *key);
  const Vault::Settings settings;
  SealedVault vault(ports, place.folder, place.member, *key, place.pod_public_key, settings);
  if (const auto opened = vault.open_journal(*key); !opened) return opened.error();
  // It opened by the key that its slot gives, so whatever lies beside it came to nothing.
  forget_attempt(ports.disk, place.folder);
  while (vault.merge()) {
  }
  ports.disk.make_directory(next_log(place.folder));
  const auto made = vault.write_under(fresh, next_log(place.folder));
  ports.disk.sync_directory(place.folder);
  vault.close();
  return made;
}

void write_next_card(base::Disk& disk, const std::string& folder, const Card& card, const crypto::SigningKey& pod_key) {
  base::remove_temporaries(disk, folder);
  base::replace_file(disk, next_card(folder), sign_card(card, pod_key));
}

void settle_rekey(base::Disk& disk, const VaultPlace& place, const crypto::VaultKey& key) {
  const std::string log = Maildir(place.folder).log();
  const std::string next = next_log(place.folder);
  if (disk.status(next)) {
    const journal::Journal::Identity identity{next, std::string(base::octets(place.member.bytes))};
    if (!journal::Journal::opens_under(disk, identity, key.derive(log_label))) return;
    // Nobody has the old key any more, by which the search index was sealed too. A directory takes the place of an
    // empty one at once.
    const std::string search = base::join(place.folder, "search");
    if (disk.status(search)) remove_files(disk, search);
    if (disk.status(log)) remove_files(disk, log);
    disk.rename(next, log);
    disk.sync_directory(place.folder);
  }
  if (!disk.status(next_card(place.folder))) return;
  disk.rename(next_card(place.folder), base::join(place.folder, "card"));
  disk.sync_directory(place.folder);
}

}  // namespace mailpod::store
