#include "slot_keys.hpp"

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/sasl/scram.hpp>

#include "slot_format.hpp"

namespace mailpod::members {
namespace {

constexpr std::uint8_t parameters_version = 1;
/// Of a password slot with a second factor; others are written as ever.
constexpr std::uint8_t password_version_2 = 2;
constexpr std::uint8_t time_based_codes = 1;  // the kind of second factor; stored: never renumber
constexpr std::uint32_t most_passes = 64;
constexpr std::uint64_t most_memory = std::uint64_t{1} << 30;
constexpr std::uint64_t least_memory = 8192;
constexpr std::uint32_t most_iterations = 10'000'000;

crypto::Key kek(crypto::KeyArena& arena, std::string_view secret, std::string_view salt, std::string_view type) {
  return crypto::hkdf_key(arena, secret, salt, "mailpod/v1/slot/" + std::string(type));
}

void add_seal(const SlotPorts& ports, Slot& slot, Slot::Seal what, const crypto::Key& under,
              const crypto::Key& content) {
  const auto associated = slot_associated_data(slot.label, slot.parameters, what);
  slot.seals.push_back({what, crypto::seal(under, ports.entropy, associated, content.octets())});
}

Result<crypto::Key> open_seal(crypto::KeyArena& arena, const Slot& slot, Slot::Seal what, const crypto::Key& under) {
  const auto* seal = slot.find(what);
  if (seal == nullptr || seal->octets.size() != crypto::nonce_size + crypto::Key::size + crypto::tag_size) {
    return make_error_code(Errc::damaged);
  }
  const auto associated = slot_associated_data(slot.label, slot.parameters, what);
  auto opened = crypto::open(under, associated, seal->octets);
  if (!opened) return make_error_code(Errc::wrong_secret);
  auto key = crypto::Key::copy_of(arena, *opened);
  crypto::wipe(*opened);
  return key;
}

std::string_view label_for(SlotType type) {
  switch (type) {
    case SlotType::enrolment:
      return "enrolment";
    case SlotType::password:
      return "password";
    case SlotType::app:
      return "app";
    case SlotType::recovery:
      return "recovery";
    case SlotType::session:
      return "session";
    case SlotType::send_only:
      return "send-only";
    case SlotType::guest:
      return "guest";
  }
  return "";
}

struct PasswordParameters {
  crypto::Argon2Cost cost;
  Salt salt{};
  bool second_factor = false;
};

std::optional<PasswordParameters> password_parameters(const Slot& slot) {
  base::Decoder in(slot.parameters);
  PasswordParameters out;
  const auto version = in.u8();
  out.cost.passes = in.u32();
  out.cost.memory = in.u64();
  out.salt = in.fixed<16>();
  out.second_factor = version == password_version_2;
  if (out.second_factor && in.u8() != time_based_codes) return std::nullopt;
  const bool bounded = out.cost.passes >= 1 && out.cost.passes <= most_passes && out.cost.memory >= least_memory &&
                       out.cost.memory <= most_memory;
  const bool known = version == parameters_version || version == password_version_2;
  if (slot.label.type != SlotType::password || !known || !bounded || !in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

crypto::Key password_kek(crypto::KeyArena& arena, std::string_view password, const PasswordParameters& parameters,
                         const base::ByteArray<32>& pepper) {
  const auto stretched = crypto::argon2id(arena, password, parameters.salt, parameters.cost);
  return kek(arena, stretched.octets(), base::octets(pepper), "password");
}

}  // namespace

Slot make_password_slot(const SlotPorts& ports, SlotLabel label, std::string_view password,
                        const base::ByteArray<32>& pepper, crypto::Argon2Cost cost, const PasswordContents& contents) {
  label.type = SlotType::password;
  const bool second_factor = contents.second_factor != nullptr;
  const PasswordParameters parameters{cost, ports.entropy.bytes<16>(), second_factor};
  Slot slot{std::move(label), {}, {}};
  base::Encoder out;
  out.u8(second_factor ? password_version_2 : parameters_version).u32(cost.passes).u64(cost.memory);
  out.fixed(parameters.salt);
  if (second_factor) out.u8(time_based_codes);
  slot.parameters = out.take();
  const auto under = password_kek(ports.arena, password, parameters, pepper);
  add_seal(ports, slot, Slot::Seal::vault_key, under, contents.vault_key);
  if (second_factor) add_seal(ports, slot, Slot::Seal::second_factor, under, *contents.second_factor);
  return slot;
}

Result<PasswordOpened> open_password_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view password,
                                          const base::ByteArray<32>& pepper) {
  const auto parameters = password_parameters(slot);
  if (!parameters) return make_error_code(Errc::damaged);
  const auto under = password_kek(arena, password, *parameters, pepper);
  auto vault_key = open_seal(arena, slot, Slot::Seal::vault_key, under);
  if (!vault_key) return vault_key.error();
  PasswordOpened out{std::move(*vault_key), std::nullopt};
  if (!parameters->second_factor) return out;
  auto factor = open_seal(arena, slot, Slot::Seal::second_factor, under);
  if (!factor) return factor.error();
  out.second_factor.emplace(std::move(*factor));
  return out;
}

bool asks_for_second_factor(const Slot& slot) {
  const auto parameters = password_parameters(slot);
  return parameters && parameters->second_factor;
}

std::optional<AppParameters> app_parameters(const Slot& slot) {
  base::Decoder in(slot.parameters);
  const auto version = in.u8();
  AppParameters out;
  out.salt = in.fixed<16>();
  out.iterations = in.u32();
  in.fixed<32>();  // StoredKey
  const bool bounded = out.iterations >= 1 && out.iterations <= most_iterations;
  if (slot.label.type != SlotType::app || version != parameters_version || !bounded || !in.ok() || !in.at_end()) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string_view> stored_key_of(const Slot& slot) {
  if (!app_parameters(slot)) return std::nullopt;
  return std::string_view(slot.parameters).substr(slot.parameters.size() - 32);
}

Slot make_app_slot(const SlotPorts& ports, SlotLabel label, std::string_view password, const AppParameters& parameters,
                   const crypto::Key& vault_key) {
  label.type = SlotType::app;
  const auto scram = sasl::scram::derive(ports.arena, password, base::octets(parameters.salt), parameters.iterations);
  Slot slot{std::move(label), {}, {}};
  slot.parameters = base::Encoder()
                        .u8(parameters_version)
                        .fixed(parameters.salt)
                        .u32(parameters.iterations)
                        .fixed(scram.stored_key)
                        .take();
  const auto by_client_key = kek(ports.arena, scram.client_key.octets(), base::octets(parameters.salt), "scram");
  add_seal(ports, slot, Slot::Seal::vault_key, app_kek(ports.arena, password, parameters.salt), vault_key);
  add_seal(ports, slot, Slot::Seal::vault_key_for_scram, by_client_key, vault_key);
  add_seal(ports, slot, Slot::Seal::server_key, by_client_key, scram.server_key);
  return slot;
}

crypto::Key app_kek(crypto::KeyArena& arena, std::string_view password, const Salt& salt) {
  return kek(arena, password, base::octets(salt), "app");
}

Result<crypto::Key> open_app_slot(crypto::KeyArena& arena, const Slot& slot, const crypto::Key& kek) {
  return open_seal(arena, slot, Slot::Seal::vault_key, kek);
}

Result<ScramOpened> open_app_slot_by_client_key(crypto::KeyArena& arena, const Slot& slot,
                                                const crypto::Key& client_key) {
  const auto parameters = app_parameters(slot);
  const auto stored_key = stored_key_of(slot);
  if (!parameters || !stored_key) return make_error_code(Errc::damaged);
  const auto given = crypto::sha256(client_key.octets());
  if (!crypto::equal_in_constant_time(base::octets(given), *stored_key)) return make_error_code(Errc::wrong_secret);
  const auto by_client_key = kek(arena, client_key.octets(), base::octets(parameters->salt), "scram");
  auto vault_key = open_seal(arena, slot, Slot::Seal::vault_key_for_scram, by_client_key);
  if (!vault_key) return vault_key.error();
  auto server_key = open_seal(arena, slot, Slot::Seal::server_key, by_client_key);
  if (!server_key) return server_key.error();
  return ScramOpened{std::move(*vault_key), std::move(*server_key)};
}

std::optional<EnrolmentParameters> enrolment_parameters(const Slot& slot) {
  base::Decoder in(slot.parameters);
  const auto version = in.u8();
  EnrolmentParameters out;
  out.first_drop_key_number = in.u32();
  if (!in.at_end()) {
    const auto number = in.u32();
    out.vault = EnrolmentParameters::NewVault{number, in.fixed<32>()};
  }
  if (slot.label.type != SlotType::enrolment || version != parameters_version || !in.ok() || !in.at_end()) {
    return std::nullopt;
  }
  return out;
}

Slot make_enrolment_slot(const SlotPorts& ports, SlotLabel label, std::string_view code,
                         const EnrolmentParameters& parameters, const crypto::Key& first_drop_key,
                         const crypto::Key* vault_key) {
  label.type = SlotType::enrolment;
  base::Encoder out;
  out.u8(parameters_version).u32(parameters.first_drop_key_number);
  if (parameters.vault) out.u32(parameters.vault->drop_key_number).fixed(parameters.vault->drop_recipient);
  Slot slot{std::move(label), out.take(), {}};
  const auto under = kek(ports.arena, code, base::octets(slot.label.id), "enrolment");
  add_seal(ports, slot, Slot::Seal::first_drop_key, under, first_drop_key);
  if (vault_key != nullptr) add_seal(ports, slot, Slot::Seal::vault_key, under, *vault_key);
  return slot;
}

Result<EnrolmentOpened> open_enrolment_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view code) {
  if (!enrolment_parameters(slot)) return make_error_code(Errc::damaged);
  const auto under = kek(arena, code, base::octets(slot.label.id), "enrolment");
  auto first = open_seal(arena, slot, Slot::Seal::first_drop_key, under);
  if (!first) return first.error();
  EnrolmentOpened out{std::move(*first), std::nullopt};
  if (slot.find(Slot::Seal::vault_key) != nullptr) {
    auto vault_key = open_seal(arena, slot, Slot::Seal::vault_key, under);
    if (!vault_key) return vault_key.error();
    out.vault_key.emplace(std::move(*vault_key));
  }
  return out;
}

Slot make_token_slot(const SlotPorts& ports, SlotLabel label, std::string_view secret, const crypto::Key& vault_key) {
  Slot slot{std::move(label), base::Encoder().u8(parameters_version).take(), {}};
  const auto under = kek(ports.arena, secret, base::octets(slot.label.id), label_for(slot.label.type));
  add_seal(ports, slot, Slot::Seal::vault_key, under, vault_key);
  return slot;
}

Result<crypto::Key> open_token_slot(crypto::KeyArena& arena, const Slot& slot, std::string_view secret) {
  const auto under = kek(arena, secret, base::octets(slot.label.id), label_for(slot.label.type));
  return open_seal(arena, slot, Slot::Seal::vault_key, under);
}

namespace {

/// Bound to the whole label, as a seal would be.
crypto::Digest send_only_verifier(const SlotLabel& label, std::string_view password) {
  base::ByteArray<32> key{};
  crypto::hkdf_sha256(key, password, base::octets(label.id), "mailpod/v1/slot/send-only");
  const auto verifier = crypto::hmac_sha256(base::octets(key), slot_associated_data(label, {}, Slot::Seal::vault_key));
  crypto::wipe(key);
  return verifier;
}

}  // namespace

Slot make_send_only_slot(SlotLabel label, std::string_view password) {
  label.type = SlotType::send_only;
  auto parameters = base::Encoder().u8(parameters_version).fixed(send_only_verifier(label, password)).take();
  return Slot{std::move(label), std::move(parameters), {}};
}

bool verify_send_only_slot(const Slot& slot, std::string_view password) {
  if (slot.label.type != SlotType::send_only || slot.parameters.size() != 33) return false;
  return crypto::equal_in_constant_time(base::octets(send_only_verifier(slot.label, password)),
                                        std::string_view(slot.parameters).substr(1));
}

}  // namespace mailpod::members
