#include "secrets.hpp"

#include <mailpod/crypto/seal.hpp>
#include <mailpod/sasl/scram.hpp>

#include "app_password.hpp"
#include "recovery_code.hpp"

namespace mailpod::members {
namespace {

std::optional<OpenedSlot> try_password(const Household& house, const std::vector<Slot>& slots,
                                       std::string_view password, const base::ByteArray<32>& pepper) {
  for (const auto& slot : slots) {
    if (slot.label.type != SlotType::password || slot.label.expired(house.clock.now())) continue;
    // A member has one password; a second slot would make their refusals slower than others'.
    auto opened = open_password_slot(house.arena, slot, password, pepper);
    if (!opened) return std::nullopt;
    return OpenedSlot{slot, std::move(opened->vault_key), std::move(opened->second_factor)};
  }
  crypto::argon2id(house.arena, password, Salt{}, house.argon2);
  return std::nullopt;
}

/// What one slot costs, where there is none to try.
void try_made_up_slot(const Household& house, std::string_view password) {
  const std::string sealed(crypto::nonce_size + crypto::Key::size + crypto::tag_size, '\0');
  static_cast<void>(crypto::open(app_kek(house.arena, password, Salt{}), "", sealed));
}

std::optional<OpenedSlot> try_app_password(const Household& house, const std::vector<Slot>& slots,
                                           std::string_view password) {
  std::optional<Salt> salt;
  std::optional<crypto::Key> kek;
  for (const auto& slot : slots) {
    if (slot.label.expired(house.clock.now())) continue;
    if (slot.label.type == SlotType::send_only && verify_send_only_slot(slot, password)) {
      return OpenedSlot{slot, std::nullopt, std::nullopt};
    }
    const auto parameters = app_parameters(slot);
    if (!parameters) continue;
    if (salt != parameters->salt) {
      salt = parameters->salt;
      kek.emplace(app_kek(house.arena, password, *salt));
    }
    if (auto key = open_app_slot(house.arena, slot, *kek)) return OpenedSlot{slot, std::move(*key), std::nullopt};
  }
  if (!kek) try_made_up_slot(house, password);
  return std::nullopt;
}

}  // namespace

std::optional<OpenedSlot> try_secret(const Household& house, const std::vector<Slot>& slots, std::string_view secret,
                                     const base::ByteArray<32>& pepper) {
  if (shape_of(secret) == SecretShape::human) return try_password(house, slots, secret, pepper);
  // SCRAM's clients use what the member typed, PLAIN's are forgiven its spelling.
  auto canonical = canonical_app_password(secret);
  if (!canonical) return try_app_password(house, slots, secret);
  auto opened = try_app_password(house, slots, *canonical);
  crypto::wipe(*canonical);
  return opened;
}

std::optional<AppParameters> shared_parameters(const Household& house, const std::vector<Slot>& slots) {
  for (const auto& slot : slots) {
    if (slot.label.expired(house.clock.now())) continue;
    if (auto parameters = app_parameters(slot)) return parameters;
  }
  return std::nullopt;
}

std::optional<ProvenSlot> try_proof(const Household& house, const std::vector<Slot>& slots,
                                    std::string_view auth_message, std::string_view proof) {
  const Slot* proven = nullptr;
  std::optional<crypto::Key> client_key;
  std::size_t tried = 0;
  for (const auto& slot : slots) {
    const auto stored_key = stored_key_of(slot);
    if (!stored_key || slot.label.expired(house.clock.now())) continue;
    ++tried;
    auto recovered = sasl::scram::recover_client_key(house.arena, *stored_key, auth_message, proof);
    if (!recovered) continue;
    proven = &slot;
    client_key = std::move(recovered);
  }
  if (tried == 0) {
    const crypto::Digest made_up{};
    static_cast<void>(sasl::scram::recover_client_key(house.arena, base::octets(made_up), auth_message, proof));
  }
  if (proven == nullptr) return std::nullopt;
  auto opened = open_app_slot_by_client_key(house.arena, *proven, *client_key);
  if (!opened) return std::nullopt;
  const auto signature = sasl::scram::sign(opened->server_key, auth_message);
  return ProvenSlot{{*proven, std::move(opened->vault_key), std::nullopt}, signature};
}

std::optional<OpenedSlot> try_recovery_code(const Household& house, const std::vector<Slot>& slots,
                                            std::string_view typed) {
  auto code = parse_recovery_code(typed);
  if (!code) return std::nullopt;
  std::optional<OpenedSlot> out;
  for (const auto& slot : slots) {
    if (out || slot.label.type != SlotType::recovery || slot.label.expired(house.clock.now())) continue;
    if (auto key = open_token_slot(house.arena, slot, *code)) out = OpenedSlot{slot, std::move(*key), std::nullopt};
  }
  crypto::wipe(*code);
  return out;
}

}  // namespace mailpod::members
