#pragma once

#include <optional>
#include <string_view>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/members/enrolment.hpp>

#include "slot_keys.hpp"

/// A member's secret tried against their key slots.
namespace mailpod::members {

/// A slot that a secret opened.
struct OpenedSlot {
  Slot slot;
  std::optional<crypto::Key> vault_key;      ///< nothing: may only send
  std::optional<crypto::Key> second_factor;  ///< the password alone is not enough
};

/// The first sound, unexpired slot that `secret` opens. A human secret costs one Argon2id whether there is a password
/// slot or not; an app-shaped one costs one HKDF and one try a slot,
/// a made-up one if there is none. `pepper` is the member's.
std::optional<OpenedSlot> try_secret(const Household& house, const std::vector<Slot>& slots, std::string_view secret,
                                     const base::ByteArray<32>& pepper);

/// SCRAM's salt and iteration count of a member's sound, unexpired app slots; where they differ, the first one's.
std::optional<AppParameters> shared_parameters(const Household& house, const std::vector<Slot>& slots);

/// What a proof of SCRAM opened.
struct ProvenSlot {
  OpenedSlot opened;
  crypto::Digest server_signature;
};
/// The sound, unexpired app slot whose password `proof` was made with. All of them are tried, in the same time whether
/// there is one or not; a made-up one if there is none.
std::optional<ProvenSlot> try_proof(const Household& house, const std::vector<Slot>& slots,
                                    std::string_view auth_message, std::string_view proof);

/// The slot of a recovery code, one HKDF a slot. For commands only: no login tries it.
std::optional<OpenedSlot> try_recovery_code(const Household& house, const std::vector<Slot>& slots,
                                            std::string_view typed);

}  // namespace mailpod::members
