#pragma once

#include <optional>
#include <string_view>

#include <mailpod/members/slots.hpp>

/// Making and opening key slots: secret → KEK → the key that the slot holds. docs/members-format.md, "Slots".
namespace mailpod::members {

/// What making a slot needs besides its label.
struct SlotPorts {
  crypto::KeyArena& arena;
  base::Entropy& entropy;
};

using Salt = base::ByteArray<16>;

/// What a human password opens.
struct PasswordContents {
  PasswordContents(const crypto::Key& key) : vault_key(key) {}
  PasswordContents(const crypto::Key& key, const crypto::Key* factor) : vault_key(key), second_factor(factor) {}
  const crypto::Key& vault_key;
  const crypto::Key* second_factor = nullptr;  ///< nullptr: none is asked for
};
/// A human password. `pepper` lies in the directory, so a stolen member folder alone cannot be guessed at.
Slot make_password_slot(const SlotPorts& ports, SlotLabel label, std::string_view password,
                        const base::ByteArray<32>& pepper, crypto::Argon2Cost cost, const PasswordContents& contents);
struct PasswordOpened {
  crypto::Key vault_key;
  std::optional<crypto::Key> second_factor;
};
/// Errors: wrong_secret, damaged (parameters that no version of ours wrote).
Result<PasswordOpened> open_password_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view password,
                                          const base::ByteArray<32>& pepper);
/// Whether the password alone is not enough. Authenticated by each of the slot's seals.
bool asks_for_second_factor(const Slot& slot);

/// Salt and iteration count of SCRAM, which all app slots of a member share.
struct AppParameters {
  Salt salt{};
  std::uint32_t iterations = 0;
};
/// Nothing if the slot is no app slot or malformed.
std::optional<AppParameters> app_parameters(const Slot& slot);
/// SCRAM's StoredKey, 32 octets; borrowed from the slot. Nothing as above.
std::optional<std::string_view> stored_key_of(const Slot& slot);
/// `password` is a canonical app password; the slot is made in full for SCRAM-SHA-256 as well.
Slot make_app_slot(const SlotPorts& ports, SlotLabel label, std::string_view password, const AppParameters& parameters,
                   const crypto::Key& vault_key);

/// An app password's key for PLAIN, derived once and tried against every app slot that shares the salt.
crypto::Key app_kek(crypto::KeyArena& arena, std::string_view password, const Salt& salt);
Result<crypto::Key> open_app_slot(crypto::KeyArena& arena, const Slot& slot, const crypto::Key& kek);
/// The same slot by the ClientKey that a server recovers from a SCRAM proof. RFC 5802 §3.
struct ScramOpened {
  crypto::Key vault_key;
  crypto::Key server_key;
};
Result<ScramOpened> open_app_slot_by_client_key(crypto::KeyArena& arena, const Slot& slot,
                                                const crypto::Key& client_key);

/// What an enrolment slot says openly.
struct EnrolmentParameters {
  std::uint32_t first_drop_key_number = 1;
  /// Set once a vault was made and the card not yet written: a second try goes on with that vault.
  struct NewVault {
    std::uint32_t drop_key_number;
    base::ByteArray<32> drop_recipient;
  };
  std::optional<NewVault> vault;
};
std::optional<EnrolmentParameters> enrolment_parameters(const Slot& slot);
/// `code`: the 16 octets of an enrolment code.
Slot make_enrolment_slot(const SlotPorts& ports, SlotLabel label, std::string_view code,
                         const EnrolmentParameters& parameters, const crypto::Key& first_drop_key,
                         const crypto::Key* vault_key);
struct EnrolmentOpened {
  crypto::Key first_drop_key;
  std::optional<crypto::Key> vault_key;
};
Result<EnrolmentOpened> open_enrolment_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view code);

/// Recovery (20 octets of a printed code), session (32 octets of a token) and guest (16 octets of a channel's secret):
/// the secret is random and long, so HKDF suffices. The type is the label's.
Slot make_token_slot(const SlotPorts& ports, SlotLabel label, std::string_view secret, const crypto::Key& vault_key);
Result<crypto::Key> open_token_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view secret);

/// A generated password that may send and opens nothing.
Slot make_send_only_slot(SlotLabel label, std::string_view password);
bool verify_send_only_slot(const Slot& slot, std::string_view password);

}  // namespace mailpod::members
