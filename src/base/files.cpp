#include <mailpod/base/disk.hpp>

#include <atomic>
#include <cerrno>
#include <system_error>

#include <unistd.h>

#include <mailpod/base/bytes.hpp>

namespace mailpod::base {

namespace {

constexpr std::string_view temporary_mark = ".tmp-";

/// Distinct from every other temporary name of this process and of those before it. Not secret, so no Entropy is asked.
std::string temporary_name_beside(const std::string& path) {
  static std::atomic<std::uint64_t> counter{0};
  return path + std::string(temporary_mark) + std::to_string(::getpid()) + "-" + std::to_string(++counter);
}

bool is_temporary_name(std::string_view name) {
  const auto mark = name.rfind(temporary_mark);
  if (mark == std::string_view::npos || mark == 0) return false;
  const auto numbers = name.substr(mark + temporary_mark.size());
  return !numbers.empty() && numbers.find_first_not_of("0123456789-") == std::string_view::npos;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::string join(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path.push_back('/');
  return path.append(name);
}

std::string read_file(Disk& disk, const std::string& path, std::uint64_t limit) {
  const auto file = disk.open(path, Disk::Open::read);
  const auto size = file->size();
  if (size > limit) throw std::system_error(EFBIG, std::system_category(), path);
  std::string octets(static_cast<std::size_t>(size), '\0');
  octets.resize(file->read_at(0, octets));
  return octets;
}

void replace_file(Disk& disk, const std::string& path, std::string_view octets) {
  auto temporary = temporary_name_beside(path);
  std::unique_ptr<File> file;
  for (;;) {
    try {
      file = disk.open(temporary, Disk::Open::create_new);
      break;
    } catch (const std::system_error& failure) {
      // Left behind by a crashed process that had our number.
      if (failure.code().value() != EEXIST) throw;
      temporary = temporary_name_beside(path);
    }
  }
  try {
    file->write_at(0, octets);
    file->sync();
    disk.rename(temporary, path);
  } catch (const std::system_error&) {
    file.reset();
    try {
      disk.unlink(temporary);
    } catch (const std::system_error&) {
      // The first failure is the one to report.
    }
    throw;
  }
  disk.sync_directory(directory_of(path));
}

void remove_temporaries(Disk& disk, const std::string& directory) {
  for (const auto& entry : disk.list(directory)) {
    if (entry.kind == Disk::Kind::file && is_temporary_name(entry.name)) disk.unlink(join(directory, entry.name));
  }
}

}  // namespace mailpod::base
