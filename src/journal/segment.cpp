#include "segment.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <mailpod/crypto/seal.hpp>

namespace mailpod::journal {
namespace {

constexpr std::string_view magic = "MSEG";
constexpr std::uint8_t mark_chain = 1;  // stored
constexpr std::size_t described = 24;   // what the tag vouches for, beside the binding

std::string associated(const Binding& binding, std::string_view described_octets) {
  base::Encoder out;
  out.var("mailpod/v1/segment").var(binding.owner).u32(binding.segment).fixed(described_octets);
  return out.take();
}

std::optional<std::uint32_t> leading_number(std::string_view name) {
  if (name.size() < 8) return std::nullopt;
  const auto raw = base::unhex(name.substr(0, 8));
  if (!raw || base::hex(*raw) != name.substr(0, 8)) return std::nullopt;
  return base::Decoder(*raw).u32();
}

}  // namespace

std::string seal_header(const Binding& binding, base::Entropy& entropy, const SegmentHeader& header) {
  base::Encoder out;
  out.fixed(magic).u8(version).u8(header.begins_chain ? mark_chain : 0).u16(0).u32(binding.segment);
  out.u64(header.first_sequence).u32(static_cast<std::uint32_t>(header.checkpoint / alignment));
  const auto nonce = entropy.bytes<crypto::nonce_size>();
  const auto tag = crypto::seal(binding.key, nonce, associated(binding, out.str()), {});
  out.fixed(nonce).fixed(tag);
  return out.take();
}

HeaderReading open_header(const Binding& binding, std::string_view octets) {
  if (octets.size() != header_size || !octets.starts_with(magic)) return {};
  const auto nonce = base::byte_array<crypto::nonce_size>(octets.substr(described, crypto::nonce_size));
  const auto sealed = octets.substr(described + crypto::nonce_size);
  if (!crypto::open(binding.key, *nonce, associated(binding, octets.substr(0, described)), sealed)) return {};
  base::Decoder in(octets.substr(magic.size()));
  if (in.u8() != version) return {std::nullopt, HeaderFault::unknown_version};
  SegmentHeader header;
  header.begins_chain = (in.u8() & mark_chain) != 0;
  in.u16();
  in.u32();
  header.first_sequence = in.u64();
  header.checkpoint = in.u32() * alignment;
  return {header, {}};
}

Position position_for(std::uint32_t segment, std::uint64_t offset) {
  const std::uint64_t unit = offset / alignment;
  if (unit > 0xffffffffU) throw std::system_error(EFBIG, std::generic_category(), "journal segment");
  return {std::uint64_t{segment} << 32 | unit};
}

std::string segment_name(std::uint32_t segment) {
  return base::hex(base::Encoder().u32(segment).str()) + ".seg";
}

std::string unfinished_name(std::uint32_t segment) {
  return base::hex(base::Encoder().u32(segment).str()) + ".new";
}

Segments list_segments(base::Disk& disk, const std::string& folder) {
  Segments found;
  for (const auto& entry : disk.list(folder)) {
    const auto number = leading_number(entry.name);
    if (!number) continue;
    if (entry.name == unfinished_name(*number)) {
      // Never was a segment, so its number is still free.
      found.unfinished.push_back(entry.name);
      continue;
    }
    found.highest = std::max(found.highest, *number);
    if (entry.name == segment_name(*number)) found.numbers.push_back(*number);
  }
  std::ranges::sort(found.numbers);
  return found;
}

}  // namespace mailpod::journal
