#pragma once

#include <optional>
#include <string>

#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vault.hpp>
#include <mailpod/store/vaults.hpp>

/// A vault under another key. docs/storage-format.md, "another key".
///
/// begin_rekey → the slot that leads to the old key leads to the new one (the commit point, one rename) →
/// settle_rekey. Whatever ends in between, the vault opens by the key that its slot gives: Vault::open settles what was
/// decided and passes over what was not.
namespace mailpod::store {

/// Which vault.
struct VaultPlace {
  std::string folder;  ///< members/<id>
  MemberId member;
  base::ByteArray<32> pod_public_key{};
};

/// Merges what waits, then writes the journal anew beside the old one, under `fresh`, with a further drop key. Durable;
/// the vault is as it was until settle_rekey. Nobody may have it open. Pool. Errors: those of Vault::open.
Result<NewVault> begin_rekey(const Vault::Ports& ports, const VaultPlace& place,
                             const std::shared_ptr<const crypto::VaultKey>& key, const crypto::VaultKey& fresh);
/// The card that is to count once the new key does. Durable.
void write_next_card(base::Disk& disk, const std::string& folder, const Card& card, const crypto::SigningKey& pod_key);
/// Puts journal and card in place if `key` is the new one; idempotent, and harmless where nothing was begun.
void settle_rekey(base::Disk& disk, const VaultPlace& place, const crypto::VaultKey& key);

}  // namespace mailpod::store
