#include "departure_records.hpp"

#include <mailpod/base/bytes.hpp>
#include <mailpod/members/directory.hpp>

namespace mailpod::members {
namespace {

constexpr std::uint8_t record_version = 1;

}  // namespace

std::string write_departure(const Departure& departure) {
  base::Encoder out;
  out.u8(record_version)
      .u8(static_cast<std::uint8_t>(departure.progress))
      .u8(static_cast<std::uint8_t>(departure.reason));
  out.fixed(departure.member.bytes).u64(base::to_seconds(departure.at)).fixed(departure.act);
  out.u32(departure.slots).u64(departure.messages).u64(departure.octets).fixed(departure.salt);
  for (const auto& address : departure.addresses) out.fixed(address);
  return out.take();
}

std::optional<Departure> parse_departure(std::string_view octets) {
  base::Decoder in(octets);
  if (in.u8() != record_version) return std::nullopt;
  const auto progress = in.u8();
  const auto reason = in.u8();
  if (progress < 1 || progress > 2 || reason < 1 || reason > 2) return std::nullopt;
  Departure out;
  out.progress = static_cast<Departure::Progress>(progress);
  out.reason = static_cast<Departure::Reason>(reason);
  out.member.bytes = in.fixed<16>();
  out.at = base::from_seconds(in.u64());
  out.act = in.fixed<32>();
  out.slots = in.u32();
  out.messages = in.u64();
  out.octets = in.u64();
  out.salt = in.fixed<32>();
  while (in.ok() && !in.at_end()) {
    if (out.addresses.size() == Person::most_addresses) return std::nullopt;
    out.addresses.push_back(in.fixed<32>());
  }
  if (!in.ok()) return std::nullopt;
  return out;
}

}  // namespace mailpod::members
