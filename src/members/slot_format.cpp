#include "slot_format.hpp"

#include <algorithm>

#include <mailpod/crypto/digest.hpp>

namespace mailpod::members {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_owner = 64;
constexpr std::size_t longest_parameters = 1024;
constexpr std::size_t longest_seal = 256;
constexpr std::size_t most_seals = 4;
constexpr std::size_t checksum_size = 16;

/// Not a seal: it finds damage, and last-use days, which change without any secret at hand.
std::string checksum(std::string_view octets) {
  return std::string(base::octets(crypto::sha256(octets)).substr(0, checksum_size));
}

bool is_type(std::uint8_t value) {
  return value >= 1 && value <= 7;
}
bool is_seal(std::uint8_t value) {
  return value >= 1 && value <= 5;
}

void write_label(base::Encoder& out, const SlotLabel& label) {
  out.u8(slot_version).fixed(label.member.bytes).fixed(label.id).u8(static_cast<std::uint8_t>(label.type));
  out.var(label.owner).u8(label.scopes).u64(label.expires ? base::to_seconds(*label.expires) : 0).var(label.name);
}

}  // namespace

const Slot::Sealed* Slot::find(Seal what) const {
  for (const auto& seal : seals) {
    if (seal.what == what) return &seal;
  }
  return nullptr;
}

std::string slot_associated_data(const SlotLabel& label, std::string_view parameters, Slot::Seal what) {
  base::Encoder out;
  out.var("mailpod/v1/slot");
  write_label(out, label);
  out.var(parameters).u8(static_cast<std::uint8_t>(what));
  return out.take();
}

SlotMark mark_of(const Slot& slot) {
  SlotMark out{slot.label.id, {}};
  if (slot.label.type == SlotType::enrolment) return out;
  base::Encoder all;
  write_label(all, slot.label);
  all.var(slot.parameters);
  for (const auto& seal : slot.seals) all.field(static_cast<std::uint8_t>(seal.what), seal.octets);
  const auto digest = crypto::sha256(all.str());
  std::copy_n(digest.begin(), out.digest.size(), out.digest.begin());
  return out;
}

std::string write_slot(const Slot& slot) {
  base::Encoder out;
  write_label(out, slot.label);
  out.u32(slot.label.last_used).var(slot.parameters).u8(static_cast<std::uint8_t>(slot.seals.size()));
  for (const auto& seal : slot.seals) out.field(static_cast<std::uint8_t>(seal.what), seal.octets);
  out.fixed(checksum(out.str()));
  return out.take();
}

Result<Slot> parse_slot(std::string_view octets) {
  const auto damaged = make_error_code(Errc::damaged);
  if (octets.size() < checksum_size) return damaged;
  const auto body = octets.substr(0, octets.size() - checksum_size);
  if (checksum(body) != octets.substr(body.size())) return damaged;
  base::Decoder in(body);
  if (in.u8() != slot_version) return damaged;
  Slot out;
  out.label.member.bytes = in.fixed<16>();
  out.label.id = in.fixed<16>();
  const auto type = in.u8();
  out.label.owner = in.var();
  out.label.scopes = in.u8();
  const auto expires = in.u64();
  out.label.name = in.var();
  out.label.last_used = in.u32();
  out.parameters = in.var();
  const auto seals = in.u8();
  if (!is_type(type) || seals > most_seals || expires > 253'402'300'799) return damaged;
  out.label.type = static_cast<SlotType>(type);
  if (expires != 0) out.label.expires = base::from_seconds(expires);
  for (std::uint8_t i = 0; i < seals; ++i) {
    const auto field = in.field();
    if (!field || !is_seal(field->tag) || field->value.size() > longest_seal) return damaged;
    out.seals.push_back({static_cast<Slot::Seal>(field->tag), std::string(field->value)});
  }
  if (!in.ok() || !in.at_end() || out.label.name.size() > longest_name || out.label.owner.size() > longest_owner ||
      out.parameters.size() > longest_parameters) {
    return damaged;
  }
  return out;
}

}  // namespace mailpod::members
