#include "intent.hpp"

#include <mailpod/crypto/digest.hpp>
#include <mailpod/store/error.hpp>

namespace mailpod::store {
namespace {

constexpr std::string_view magic = "MINT";
constexpr std::uint8_t version = 1;
constexpr std::size_t checksum_size = 32;

}  // namespace

std::string Intent::encode() const {
  base::Encoder out;
  out.fixed(magic).u8(version).u32(static_cast<std::uint32_t>(moves.size()));
  for (const auto& move : moves) {
    out.fixed(move.member.bytes).fixed(move.name.message).u64(base::to_seconds(move.name.begun));
  }
  const auto checksum = crypto::sha256(out.str());
  out.fixed(checksum);
  return out.take();
}

Result<Intent> Intent::decode(std::string_view octets) {
  if (octets.size() < checksum_size) return make_error_code(Errc::damaged);
  const auto content = octets.substr(0, octets.size() - checksum_size);
  if (base::octets(crypto::sha256(content)) != octets.substr(content.size())) return make_error_code(Errc::damaged);
  base::Decoder in(content);
  if (in.fixed(magic.size()) != magic || in.u8() != version) return make_error_code(Errc::damaged);
  Intent intent;
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    Move move;
    move.member.bytes = in.fixed<16>();
    move.name.message = in.fixed<16>();
    move.name.begun = base::from_seconds(in.u64());
    move.name.for_delivery = true;
    intent.moves.push_back(move);
  }
  if (!in.ok() || !in.at_end()) return make_error_code(Errc::damaged);
  return intent;
}

}  // namespace mailpod::store
