#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <mailpod/governance/tiles.hpp>

#include "simulation/disk.hpp"

namespace mailpod::governance {
namespace {

using Holds = Tile::Holds;

TEST(ATilesPath, IsThatOfTheStandard) {
  EXPECT_EQ(tile_path({Holds::hashes, 0, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({Holds::hashes, 1, 0, 17}), "tile/1/000.p/17");
  EXPECT_EQ(tile_path({Holds::entries, 0, 999, 256}), "tile/entries/999");
  EXPECT_EQ(tile_path({Holds::entries, 0, 1000, 1}), "tile/entries/x001/000.p/1");
}

TEST(ATilesPath, SurvivesWritingAndReading) {
  for (const auto holds : {Holds::hashes, Holds::entries}) {
    for (const std::uint64_t index :
         {0ULL, 7ULL, 999ULL, 1000ULL, 999'999ULL, 1'000'000ULL, 18'014'398'509'481'983ULL}) {
      for (const unsigned width : {1U, 255U, 256U}) {
        const Tile tile{holds, holds == Holds::entries ? 0U : 3U, index, width};
        EXPECT_EQ(parse_tile_path(tile_path(tile)), tile) << tile_path(tile);
      }
    }
  }
}

TEST(ATilesPath, HasOneWritingOnly) {
  for (const auto* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/00/000",
                           "tile/64/000",
                           "tile/0/x000/000",
                           "tile/0/x001",
                           "tile/0/001/000",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000/",
                           "tile/0/000.p/7/",
                           "tile/0/x001.p/7/000",
                           "tile/entries/a00",
                           "/tile/0/000",
                           "tile/0/../000",
                           "tile/-1/000",
                           "tile/0/x001/x001/x001/x001/x001/x001/000"})
    EXPECT_EQ(parse_tile_path(path), std::nullopt) << path;
}

TEST(TheTilesOfATree, AreThoseOfTheStandardsExample) {
  std::map<unsigned, std::size_t> full;
  std::set<std::string> partial;
  for (const auto& tile : tiles_since(0, 70'000)) {
    if (tile.holds == Holds::entries) continue;
    if (tile.partial()) {
      partial.insert(tile_path(tile));
    } else {
      ++full[tile.level];
    }
  }
  EXPECT_EQ(full, (std::map<unsigned, std::size_t>{{0, 273}, {1, 1}}));
  EXPECT_EQ(partial, (std::set<std::string>{"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}));
}

TEST(TheTilesOfATree, OfOneTileAreThatAndOneAboveIt) {
  std::vector<std::string> paths;
  for (const auto& tile : tiles_since(0, 256)) paths.push_back(tile_path(tile));
  EXPECT_EQ(paths, (std::vector<std::string>{"tile/entries/000", "tile/0/000", "tile/1/000.p/1"}));
}

TEST(TheTilesOfATree, ThatGrowsAreThoseThatChanged) {
  std::vector<std::string> paths;
  for (const auto& tile : tiles_since(300, 301)) paths.push_back(tile_path(tile));
  EXPECT_EQ(paths, (std::vector<std::string>{"tile/entries/001.p/45", "tile/0/001.p/45"}));
  EXPECT_TRUE(tiles_since(300, 300).empty());
}

TEST(ABundle, SurvivesWritingAndReading) {
  const std::vector<std::string> entries{"one", "", std::string(65'535, 'x')};
  const auto octets = write_bundle(entries);
  const auto read = parse_bundle(octets, 3).value();
  EXPECT_TRUE(std::ranges::equal(read, entries));
  EXPECT_FALSE(parse_bundle(octets, 2));
  EXPECT_FALSE(parse_bundle(octets, 4));
  EXPECT_FALSE(parse_bundle(std::string_view(octets).substr(1), 3));
  EXPECT_TRUE(parse_bundle(write_bundle(std::vector{std::string(65'536, 'x')}), 1)->front().empty());
}

TEST(ATileFolder, KnowsEveryNodeThatTheTreeHas) {
  constexpr std::uint64_t size = 256 * 3 + 77;
  simulation::Disk disk;
  HashLevels tree;
  for (std::uint64_t i = 0; i < size; ++i)
    tree.append(Hash{static_cast<unsigned char>(i), static_cast<unsigned char>(i / 256)});
  for (const auto* folder : {"l", "l/tile", "l/tile/0", "l/tile/0/003.p", "l/tile/1", "l/tile/1/000.p"})
    disk.make_directory(folder);
  for (const auto& tile : tiles_since(0, size)) {
    if (tile.holds == Holds::hashes)
      base::replace_file(disk, "l/" + tile_path(tile),
                         write_hashes(tree.level(tile.level).subspan(tile.begin(), tile.width)));
  }
  const TileFolder folder(disk, "l", size);
  EXPECT_EQ(root_at(folder, size), root_at(tree, size));
  for (std::uint64_t index = 0; index < size; index += 50)
    EXPECT_EQ(inclusion_proof(folder, index, size), inclusion_proof(tree, index, size));
  for (std::uint64_t old = 1; old < size; old += 50)
    EXPECT_EQ(consistency_proof(folder, old, size), consistency_proof(tree, old, size));
  EXPECT_THROW(folder.node({0, size}), std::out_of_range);
  // A tile as it was when it was narrower, where only the full one is left.
  base::replace_file(disk, "l/tile/1/000.p/1", write_hashes(tree.level(1).first(1)));
  const TileFolder earlier(disk, "l", 300);
  EXPECT_EQ(root_at(earlier, 300), root_at(tree, 300));
}

}  // namespace
}  // namespace mailpod::governance
