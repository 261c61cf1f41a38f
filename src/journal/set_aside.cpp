#include "set_aside.hpp"

#include <algorithm>

#include "segment.hpp"

namespace mailpod::journal {
namespace {

constexpr std::uint64_t piece = 1024 * 1024;

/// `0000002a-3f40.tail`, then `0000002a-3f40-1.tail`, …: a segment's end may be set aside at one place more than once.
std::string unused_name(base::Disk& disk, const std::string& folder, std::uint32_t segment, std::uint64_t end) {
  const std::string stem = base::join(folder, segment_name(segment).substr(0, 8)) + fmt::format("-{:x}", end);
  std::string name = stem + ".tail";
  for (int n = 1; disk.status(name); ++n) name = stem + fmt::format("-{}.tail", n);
  return name;
}

}  // namespace

void set_aside(base::Disk& disk, const std::string& folder, std::uint32_t segment, base::File& file,
               std::uint64_t end) {
  const auto aside = disk.open(unused_name(disk, folder, segment, end), base::Disk::Open::create_new);
  const std::uint64_t size = file.size();
  for (std::uint64_t offset = end; offset < size; offset += piece) {
    std::string octets(static_cast<std::size_t>(std::min(piece, size - offset)), '\0');
    octets.resize(file.read_at(offset, octets));
    aside->write_at(offset - end, octets);
  }
  aside->sync();
  disk.sync_directory(folder);
  file.truncate(end);
  file.sync();
}

}  // namespace mailpod::journal
