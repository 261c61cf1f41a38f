#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/merkle.hpp>

/// A log as static files: c2sp.org/tlog-tiles.
namespace mailpod::governance {

inline constexpr unsigned tile_width = 256;

/// Which hashes of a level a file holds, or with `entries`, which entries of the log.
struct Tile {
  enum class Holds { hashes, entries };
  Holds holds = Holds::hashes;
  unsigned level = 0;  ///< 0 to 63; of entries 0
  std::uint64_t index = 0;
  unsigned width = tile_width;  ///< 1 to 256: how many
  bool partial() const { return width < tile_width; }
  /// The number of its first hash on its level, or of its first entry.
  std::uint64_t begin() const { return index * tile_width; }
  friend bool operator==(const Tile&, const Tile&) = default;
};

/// `tile/1/x001/234.p/17`, `tile/entries/067`.
std::string tile_path(const Tile& tile);
/// Nothing for what no tile_path() answers.
std::optional<Tile> parse_tile_path(std::string_view path);
/// The tile that holds hash `number` of a level, or entry `number`, in a tree of `size` leaves; nothing if none does.
std::optional<Tile> tile_for(Tile::Holds holds, unsigned level, std::uint64_t number, std::uint64_t size);
/// All tiles of a tree of `size` leaves that a tree of `before` does not have, from the lowest level up, bundles of
/// entries first.
std::vector<Tile> tiles_since(std::uint64_t before, std::uint64_t size);

/// An entry longer than 65,535 octets has no place in a bundle and stands there as an empty one.
std::string write_bundle(std::span<const std::string> entries);
/// The entries, borrowed from `octets`; nothing unless they are exactly `count`.
std::optional<std::vector<std::string_view>> parse_bundle(std::string_view octets, unsigned count);
std::string write_hashes(std::span<const Hash> hashes);
std::optional<std::vector<Hash>> parse_hashes(std::string_view octets, unsigned count);

/// The tiles of a log of `size` leaves in a folder. Throws std::system_error, and where a file is not what it must be,
/// std::runtime_error that names it. Not shared between threads.
class TileFolder final : public Nodes {
public:
  TileFolder(base::Disk& disk, std::string folder, std::uint64_t size)
      : disk_(disk), folder_(std::move(folder)), size_(size) {}

  Hash node(Node which) const override;
  /// The octets of a tile, or those that the full tile begins with where that alone is there.
  std::string read(const Tile& tile) const;
  std::vector<Hash> hashes(const Tile& tile) const;
  /// Entry `index`, index < size. Empty where it is too long for a bundle.
  std::string entry(std::uint64_t index) const;

private:
  base::Disk& disk_;
  std::string folder_;
  std::uint64_t size_;
  struct Read {
    std::uint64_t index = 0;
    std::vector<Hash> hashes;
  };
  mutable std::map<unsigned, Read> last_;  // of each level
};

}  // namespace mailpod::governance
