#include <mailpod/delivery/acquaintances.hpp>

namespace mailpod::delivery {
namespace {

using Kind = Memory::Kind;

constexpr std::uint8_t version = 1;
constexpr std::array kinds{Kind::correspondent, Kind::greylisted, Kind::domain, Kind::network};
/// How many there are is nobody's business: the file grows in steps.
constexpr std::size_t step = 16 * 1024;

}  // namespace

std::size_t most_remembered(Kind kind) {
  return kind == Kind::correspondent || kind == Kind::greylisted ? 50'000 : 20'000;
}

std::string encode(const Memories& memories) {
  base::Encoder out;
  out.u8(version).fixed(memories.secret);
  for (const Kind kind : kinds) {
    const auto& table = memories.of(kind);
    out.u32(static_cast<std::uint32_t>(table.size()));
    for (const auto& [tag, memory] : table) {
      out.fixed(tag).u64(memory.first).u64(memory.last);
      for (const std::uint32_t count : memory.counts) out.u32(count);
    }
  }
  std::string octets = out.take();
  octets.resize((octets.size() + step - 1) / step * step, '\0');
  return octets;
}

std::optional<Memories> decode_memories(std::string_view octets) {
  base::Decoder in(octets);
  Memories memories;
  if (in.u8() != version) return std::nullopt;
  memories.secret = in.fixed<32>();
  for (const Kind kind : kinds) {
    auto& table = memories.of(kind);
    const std::uint32_t size = in.u32();
    if (size > most_remembered(kind)) return std::nullopt;
    for (std::uint32_t i = 0; i < size && in.ok(); ++i) {
      const auto tag = in.fixed<16>();
      Memory memory;
      memory.first = in.u64();
      memory.last = in.u64();
      for (std::uint32_t& count : memory.counts) count = in.u32();
      // Ascending, so that there is one way to write it.
      if (!table.empty() && !(table.rbegin()->first < tag)) return std::nullopt;
      table.emplace_hint(table.end(), tag, memory);
    }
  }
  if (!in.ok() || octets.size() % step != 0 || in.rest().size() >= step) return std::nullopt;
  if (in.rest().find_first_not_of('\0') != std::string_view::npos) return std::nullopt;
  return memories;
}

}  // namespace mailpod::delivery
