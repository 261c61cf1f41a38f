#include "sealed_record.hpp"

namespace mailpod::store {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::string_view signature_label = "mailpod/v1/arrival";

// Tags; never renumber. Readers pass over tags they do not know.
constexpr std::uint8_t tag_reverse_path = 1;
constexpr std::uint8_t tag_recipient = 2;
constexpr std::uint8_t tag_target_mailbox = 3;
constexpr std::uint8_t tag_system_flags = 4;
constexpr std::uint8_t tag_authentication_results = 5;
constexpr std::uint8_t tag_structure = 6;
constexpr std::uint8_t tag_signature = 255;  // always the last field

constexpr std::size_t signature_field = 1 + 4 + 64;

std::string signed_octets(std::string_view before_signature) {
  base::Encoder out;
  out.var(signature_label).fixed(before_signature);
  return out.take();
}

void add_text(base::Encoder& out, std::uint8_t tag, std::string_view text) {
  if (!text.empty()) out.field(tag, text);
}

}  // namespace

std::string SealedRecord::encode(const crypto::SigningKey* pod_key) const {
  base::Encoder out;
  out.u8(version).u8(static_cast<std::uint8_t>(origin)).fixed(member.bytes).fixed(message);
  out.u64(base::to_micros(received)).u64(size).fixed(mail_hash);
  add_text(out, tag_reverse_path, reverse_path);
  add_text(out, tag_recipient, recipient);
  add_text(out, tag_target_mailbox, target_mailbox);
  if (system_flags != 0) out.field(tag_system_flags, base::Encoder().u32(system_flags).str());
  add_text(out, tag_authentication_results, authentication_results);
  add_text(out, tag_structure, structure);
  if (pod_key != nullptr) out.field(tag_signature, base::octets(pod_key->sign(signed_octets(out.str()))));
  return out.take();
}

Result<SealedRecord> SealedRecord::decode(std::string_view octets) {
  base::Decoder in(octets);
  if (octets.size() > max_sealed_record || in.u8() != version) return make_error_code(Errc::damaged);
  SealedRecord record;
  const std::uint8_t origin = in.u8();
  if (origin != 1 && origin != 2) in.fail();
  record.origin = static_cast<Origin>(origin);
  record.member.bytes = in.fixed<16>();
  record.message = in.fixed<16>();
  record.received = base::from_micros(in.u64());
  record.size = in.u64();
  record.mail_hash = in.fixed<32>();
  while (const auto field = in.field()) {
    const std::string value(field->value);
    switch (field->tag) {
      case tag_reverse_path:
        record.reverse_path = value;
        break;
      case tag_recipient:
        record.recipient = value;
        break;
      case tag_target_mailbox:
        record.target_mailbox = value;
        break;
      case tag_system_flags:
        record.system_flags = base::Decoder(value).u32() & Flags::system;
        break;
      case tag_authentication_results:
        record.authentication_results = value;
        break;
      case tag_structure:
        record.structure = value;
        break;
      default:
        break;
    }
  }
  if (!in.ok()) return make_error_code(Errc::damaged);
  return record;
}

bool is_signed_by(std::string_view octets, const crypto::PublicKey& pod) {
  if (octets.size() < signature_field) return false;
  const auto before = octets.substr(0, octets.size() - signature_field);
  base::Decoder in(octets.substr(before.size()));
  const auto field = in.field();
  if (!field || field->tag != tag_signature) return false;
  const auto signature = base::byte_array<64>(field->value);
  return signature && crypto::verify(pod, signed_octets(before), *signature);
}

}  // namespace mailpod::store
