#include <mailpod/governance/tiles.hpp>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/governance/error.hpp>

#include "lines.hpp"

namespace mailpod::governance {
namespace {

constexpr std::size_t longest_entry = 65'535;
constexpr std::uint64_t largest_bundle = std::uint64_t{tile_width} * (longest_entry + 2);
constexpr unsigned most_levels = 8;  // of 256^8 leaves

/// Three digits an element, all but the last after an `x`.
std::string index_path(std::uint64_t index) {
  std::string out = fmt::format("{:03}", index % 1000);
  while ((index /= 1000) != 0) out = fmt::format("x{:03}/{}", index % 1000, out);
  return out;
}

std::string_view take_element(std::string_view& path) {
  const auto slash = path.find('/');
  const auto element = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return element;
}

/// The width of the tile `index` among `count` hashes or entries; 0: there is none.
unsigned width_of(std::uint64_t index, std::uint64_t count) {
  if (index > count / tile_width) return 0;
  return index < count / tile_width ? tile_width : static_cast<unsigned>(count % tile_width);
}

/// How many hashes a level has.
std::uint64_t count_on(unsigned level, std::uint64_t size) {
  return level >= most_levels ? 0 : size >> (8 * level);
}

void add_tiles_since(std::vector<Tile>& tiles, Tile kind, std::uint64_t before, std::uint64_t count) {
  for (std::uint64_t index = before / tile_width; index * tile_width < count; ++index) {
    kind.index = index;
    kind.width = width_of(index, count);
    if (kind.width != width_of(index, before)) tiles.push_back(kind);
  }
}

}  // namespace

std::string tile_path(const Tile& tile) {
  const std::string level = tile.holds == Tile::Holds::entries ? "entries" : fmt::format("{}", tile.level);
  const std::string part = tile.partial() ? fmt::format(".p/{}", tile.width) : "";
  return fmt::format("tile/{}/{}{}", level, index_path(tile.index), part);
}

std::optional<Tile> parse_tile_path(std::string_view path) {
  const std::string_view whole = path;
  Tile tile;
  if (take_element(path) != "tile") return std::nullopt;
  const auto level = take_element(path);
  if (level == "entries") {
    tile.holds = Tile::Holds::entries;
  } else {
    const auto number = parse_count(level);
    if (!number || *number > 63) return std::nullopt;
    tile.level = static_cast<unsigned>(*number);
  }
  bool last = false;
  // 2^62 hashes lie in tiles below 10^18: six elements.
  for (int elements = 0; !last && elements < 6; ++elements) {
    auto element = take_element(path);
    last = !element.starts_with('x');
    if (!last) element.remove_prefix(1);
    if (element.ends_with(".p") && last) {
      const auto width = parse_count(take_element(path));
      if (!width || *width == 0 || *width >= tile_width) return std::nullopt;
      tile.width = static_cast<unsigned>(*width);
      element.remove_suffix(2);
    }
    if (element.size() != 3 || element.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    tile.index = tile.index * 1000 +
                 static_cast<std::uint64_t>((element[0] - '0') * 100 + (element[1] - '0') * 10 + (element[2] - '0'));
  }
  if (!path.empty() || tile_path(tile) != whole) return std::nullopt;
  return tile;
}

std::optional<Tile> tile_for(Tile::Holds holds, unsigned level, std::uint64_t number, std::uint64_t size) {
  const auto count = count_on(level, size);
  if (number >= count) return std::nullopt;
  const auto index = number / tile_width;
  return Tile{holds, level, index, width_of(index, count)};
}

std::vector<Tile> tiles_since(std::uint64_t before, std::uint64_t size) {
  std::vector<Tile> tiles;
  add_tiles_since(tiles, {Tile::Holds::entries, 0, 0, 0}, before, size);
  for (unsigned level = 0; count_on(level, size) != 0; ++level)
    add_tiles_since(tiles, {Tile::Holds::hashes, level, 0, 0}, count_on(level, before), count_on(level, size));
  return tiles;
}

std::string write_bundle(std::span<const std::string> entries) {
  base::Encoder out;
  for (const auto& entry : entries) {
    const std::string_view kept = entry.size() > longest_entry ? std::string_view{} : entry;
    out.u16(static_cast<std::uint16_t>(kept.size())).fixed(kept);
  }
  return out.take();
}

std::optional<std::vector<std::string_view>> parse_bundle(std::string_view octets, unsigned count) {
  base::Decoder in(octets);
  std::vector<std::string_view> entries;
  for (unsigned i = 0; i < count && in.ok(); ++i) {
    const std::size_t length = in.u16();
    entries.push_back(in.fixed(length));
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return entries;
}

std::string write_hashes(std::span<const Hash> hashes) {
  std::string out;
  out.reserve(hashes.size() * sizeof(Hash));
  for (const auto& hash : hashes) out += base::octets(hash);
  return out;
}

std::optional<std::vector<Hash>> parse_hashes(std::string_view octets, unsigned count) {
  if (octets.size() != count * sizeof(Hash)) return std::nullopt;
  base::Decoder in(octets);
  std::vector<Hash> hashes(count);
  for (auto& hash : hashes) hash = in.fixed<32>();
  return hashes;
}

std::string TileFolder::read(const Tile& tile) const {
  const std::string path = base::join(folder_, tile_path(tile));
  if (!tile.partial() || disk_.status(path)) return base::read_file(disk_, path, largest_bundle);
  Tile full = tile;
  full.width = tile_width;
  // A partial tile may be gone once the full one is there.
  if (!disk_.status(base::join(folder_, tile_path(full))))
    throw std::system_error(ENOENT, std::system_category(), path);
  const std::string octets = base::read_file(disk_, base::join(folder_, tile_path(full)), largest_bundle);
  if (tile.holds == Tile::Holds::hashes) return octets.substr(0, tile.width * sizeof(Hash));
  const auto entries = parse_bundle(octets, tile_width);
  if (!entries) return {};
  const auto& next = entries->at(tile.width);  // its length stands before it
  constexpr std::size_t length = 2;
  return octets.substr(0, static_cast<std::size_t>(next.data() - octets.data()) - length);
}

std::vector<Hash> TileFolder::hashes(const Tile& tile) const {
  auto hashes = parse_hashes(read(tile), tile.width);
  if (hashes) return std::move(*hashes);
  const Complaint wrong{Errc::ledger_damaged, base::join(folder_, tile_path(tile)), 0,
                        "has not the length of its hashes", "restore it from another copy of the ledger"};
  throw_exception_from_error(wrong, BOOST_CURRENT_LOCATION);
}

Hash TileFolder::node(Node which) const {
  const unsigned level = which.level / 8;
  const unsigned above = which.level % 8;
  const std::uint64_t first = which.index << above;
  const auto tile = tile_for(Tile::Holds::hashes, level, first, size_);
  if (!tile) throw std::out_of_range("a node beyond the ledger's end");
  auto& last = last_[level];
  if (last.hashes.empty() || last.index != tile->index) last = {tile->index, hashes(*tile)};
  return tree_hash(std::span(last.hashes).subspan(first % tile_width, std::size_t{1} << above));
}

std::string TileFolder::entry(std::uint64_t index) const {
  const auto tile = tile_for(Tile::Holds::entries, 0, index, size_);
  if (!tile) throw std::out_of_range("an entry beyond the ledger's end");
  const std::string octets = read(*tile);
  const auto entries = parse_bundle(octets, tile->width);
  if (entries) return std::string(entries->at(index % tile_width));
  const Complaint wrong{Errc::ledger_damaged, base::join(folder_, tile_path(*tile)), 0, "is no bundle of entries",
                        "restore it from another copy of the ledger"};
  throw_exception_from_error(wrong, BOOST_CURRENT_LOCATION);
}

}  // namespace mailpod::governance
