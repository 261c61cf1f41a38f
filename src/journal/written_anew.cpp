#include "written_anew.hpp"

#include <algorithm>
#include <system_error>

#include "segment.hpp"

namespace mailpod::journal {
namespace {

constexpr std::uint64_t piece = 1024 * 1024;

std::unique_ptr<base::File> copy_of(base::Disk& disk, const std::string& name, base::File& file) {
  auto copy = disk.open(name, base::Disk::Open::create_new);
  const std::uint64_t size = file.size();
  for (std::uint64_t offset = 0; offset < size; offset += piece) {
    std::string octets(static_cast<std::size_t>(std::min(piece, size - offset)), '\0');
    octets.resize(file.read_at(offset, octets));
    copy->write_at(offset, octets);
  }
  copy->sync();
  return copy;
}

}  // namespace

std::unique_ptr<base::File> written_anew(base::Disk& disk, const std::string& folder, std::uint32_t segment,
                                         std::unique_ptr<base::File> file) {
  const std::string unfinished = base::join(folder, unfinished_name(segment));
  try {
    auto copy = copy_of(disk, unfinished, *file);
    disk.rename(unfinished, base::join(folder, segment_name(segment)));
    return copy;
  } catch (const std::system_error&) {
    if (disk.status(unfinished)) disk.unlink(unfinished);
  }
  file->sync();
  return file;
}

}  // namespace mailpod::journal
