#include "drop_key.hpp"

#include <mailpod/crypto/seal.hpp>
#include <mailpod/store/error.hpp>

namespace mailpod::store {
namespace {

std::string associated(MemberId member, std::uint32_t number) {
  return base::Encoder().var("mailpod/v1/drop-key").fixed(member.bytes).u32(number).take();
}

}  // namespace

ObjectRecord write_drop_key(const DropKeyName& name, const crypto::Key& secret, const crypto::Key& drop_seal,
                            base::Entropy& entropy, base::Time now) {
  ObjectRecord record;
  record.kind = static_cast<std::uint8_t>(ObjectKind::drop_key);
  record.id = *base::byte_array<16>(base::Encoder().u32(0).u32(0).u32(0).u32(name.number).str());
  const auto sealed = crypto::seal(drop_seal, entropy, associated(name.member, name.number), secret.octets());
  record.content = base::Encoder().u32(name.number).u64(base::to_seconds(now)).var(sealed).take();
  return record;
}

Result<DropKey> read_drop_key(MemberId member, std::string_view content, const crypto::Key& drop_seal) {
  base::Decoder in(content);
  const std::uint32_t number = in.u32();
  const base::Time made = base::from_seconds(in.u64());
  const auto sealed = in.var();
  auto secret = crypto::open(drop_seal, associated(member, number), sealed);
  if (!secret || secret->size() != crypto::Key::size) return make_error_code(Errc::damaged);
  auto key = crypto::Key::copy_of(drop_seal.arena(), *secret);
  crypto::wipe(*secret);
  return DropKey{number, made, crypto::AgeIdentity(std::move(key))};
}

}  // namespace mailpod::store
