#include <mailpod/base/disk.hpp>
#include <mailpod/store/letterbox.hpp>

namespace mailpod::store {
namespace {

constexpr std::string_view magic = "MCRD";
constexpr std::uint8_t version = 1;
constexpr std::string_view signature_label = "mailpod/v1/card";
constexpr std::size_t signature_size = 64;
constexpr std::size_t size_limit = 4096;

constexpr std::uint8_t tag_archive_recipient = 1;  // never renumber

std::string signed_octets(std::string_view before_signature) {
  base::Encoder out;
  out.var(signature_label).fixed(before_signature);
  return out.take();
}

Result<Card> decode(std::string_view octets) {
  base::Decoder in(octets);
  if (in.fixed(magic.size()) != magic || in.u8() != version) return make_error_code(Errc::damaged);
  Card card;
  card.member.bytes = in.fixed<16>();
  card.drop_key_number = in.u32();
  card.drop_recipient = in.fixed<32>();
  while (const auto field = in.field()) {
    if (field->tag != tag_archive_recipient) continue;
    card.archive_recipient = base::byte_array<32>(field->value);
    if (!card.archive_recipient) in.fail();
  }
  if (!in.ok()) return make_error_code(Errc::damaged);
  return card;
}

std::string encode(const Card& card) {
  base::Encoder out;
  out.fixed(magic).u8(version).fixed(card.member.bytes).u32(card.drop_key_number).fixed(card.drop_recipient);
  if (card.archive_recipient) out.field(tag_archive_recipient, base::octets(*card.archive_recipient));
  return out.take();
}

}  // namespace

Result<Card> read_card(base::Disk& disk, const std::string& folder, MemberId member,
                       const base::ByteArray<32>& pod_public_key) {
  const auto path = base::join(folder, "card");
  const auto information = disk.status(path);
  if (!information || information->size > size_limit) return make_error_code(Errc::damaged);
  const std::string octets = base::read_file(disk, path, size_limit);
  if (octets.size() < signature_size) return make_error_code(Errc::damaged);
  const auto content = std::string_view(octets).substr(0, octets.size() - signature_size);
  const auto signature = base::byte_array<signature_size>(std::string_view(octets).substr(content.size()));
  if (!crypto::verify(pod_public_key, signed_octets(content), *signature)) return make_error_code(Errc::damaged);
  auto card = decode(content);
  if (card && card->member != member) return make_error_code(Errc::damaged);
  return card;
}

std::string sign_card(const Card& card, const crypto::SigningKey& pod_key) {
  std::string octets = encode(card);
  octets += base::octets(pod_key.sign(signed_octets(octets)));
  return octets;
}

void write_card(base::Disk& disk, const std::string& folder, const Card& card, const crypto::SigningKey& pod_key) {
  base::remove_temporaries(disk, folder);
  base::replace_file(disk, base::join(folder, "card"), sign_card(card, pod_key));
}

}  // namespace mailpod::store
