#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::base {

/// An open file. Not shared between threads. Every failure throws std::system_error with the errno value.
class File {
public:
  virtual ~File() = default;

  /// Reads at `offset`; fewer octets than asked for only at the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> into) = 0;
  /// Writes all of `octets` at `offset`, extending the file if need be. Not durable until sync().
  virtual void write_at(std::uint64_t offset, std::string_view octets) = 0;
  virtual void truncate(std::uint64_t size) = 0;
  virtual std::uint64_t size() = 0;
  /// Makes content and size durable (not the file's name: see Disk::sync_directory). `where` names the place in the
  /// code for the simulated disk, which can leave out exactly one such place.
  virtual void sync(std::source_location where = std::source_location::current()) = 0;
};

/// The file system, as far as the product uses it. Paths are absolute or relative to the process; `/` separates.
///
/// Callable from any thread. Every failure throws std::system_error with the errno value, except where an answer says
/// otherwise. A name (made, renamed or removed) is durable only once its directory was synced. rename() is atomic.
class Disk {
public:
  enum class Open {
    read,        ///< must exist
    read_write,  ///< must exist
    create_new,  ///< must not exist; mode 0600
    unnamed,     ///< `path` is a directory; the file has no name and is gone when closed
  };
  enum class Kind { file, directory, other };
  struct Entry {
    std::string name;
    Kind kind;
  };
  struct Information {
    Kind kind;
    std::uint64_t size;   ///< octets
    std::uint32_t mode;   ///< permission bits
    std::uint32_t owner;  ///< user id
  };
  /// Held until destroyed.
  class Lock {
  public:
    virtual ~Lock() = default;
  };

  virtual ~Disk() = default;

  virtual std::unique_ptr<File> open(const std::string& path, Open how) = 0;
  /// Replaces `to` if it exists.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  virtual void unlink(const std::string& path) = 0;
  /// Mode 0700; the parent must exist; an existing directory is no failure.
  virtual void make_directory(const std::string& path) = 0;
  virtual void remove_directory(const std::string& path) = 0;
  /// Makes the names in `path` durable.
  virtual void sync_directory(const std::string& path,
                              std::source_location where = std::source_location::current()) = 0;
  /// Unordered; without `.` and `..`.
  virtual std::vector<Entry> list(const std::string& path) = 0;
  /// Nothing if `path` does not exist.
  virtual std::optional<Information> status(const std::string& path) = 0;
  /// Takes the exclusive advisory lock of `path` (made if missing); nullptr if another process holds it.
  virtual std::unique_ptr<Lock> lock(const std::string& path) = 0;
};

/// The machine's own file system.
std::unique_ptr<Disk> make_linux_disk();

/// `directory/name`.
std::string join(std::string_view directory, std::string_view name);

/// The whole file; throws EFBIG if it is larger than `limit` octets, ENOENT if it does not exist.
std::string read_file(Disk& disk, const std::string& path, std::uint64_t limit);
/// Writes `path` durably and atomically: temporary name beside it, sync, rename, directory sync. Mode 0600.
void replace_file(Disk& disk, const std::string& path, std::string_view octets);
/// Removes from `directory` the temporary names that replace_file() left there when its process was killed. Nobody may
/// be replacing a file there meanwhile.
void remove_temporaries(Disk& disk, const std::string& directory);

}  // namespace mailpod::base
