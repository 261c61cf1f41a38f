#include "page_vfs.hpp"

#include <array>
#include <cstring>
#include <exception>

#include "sqlite_memory.hpp"

namespace mailpod::search {
namespace {

constexpr int page = PageSeal::page_octets;
constexpr int header_octets = 100;  // of a database: all that SQLite reads before it knows the page size

struct OpenFile {
  sqlite3_file base;
  PageVfs* pages;
};

PageVfs& pages_of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file)->pages;
}

/// No exception may pass through SQLite.
template <class Call>
int guarded(int failure, Call call) noexcept {
  try {
    return call();
  } catch (const std::system_error& error) {
    return error.code() == std::errc::no_space_on_device ? SQLITE_FULL : failure;
  } catch (const std::exception&) {
    return failure;
  }
}

// One process, one connection a database: there is nobody to lock out.
constexpr sqlite3_io_methods methods{
    .iVersion = 1,
    .xClose = [](sqlite3_file*) { return SQLITE_OK; },
    .xRead =
        [](sqlite3_file* file, void* into, int octets, sqlite3_int64 offset) {
          return guarded(SQLITE_IOERR_READ,
                         [&] { return pages_of(file).read(static_cast<char*>(into), octets, offset); });
        },
    .xWrite =
        [](sqlite3_file* file, const void* from, int octets, sqlite3_int64 offset) {
          return guarded(SQLITE_IOERR_WRITE,
                         [&] { return pages_of(file).write(static_cast<const char*>(from), octets, offset); });
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          return guarded(SQLITE_IOERR_TRUNCATE, [&] { return pages_of(file).truncate(size); });
        },
    .xSync =
        [](sqlite3_file* file, int) {
          return guarded(SQLITE_IOERR_FSYNC, [&] {
            pages_of(file).sync();
            return SQLITE_OK;
          });
        },
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return guarded(SQLITE_IOERR_FSTAT, [&] {
            std::int64_t octets = 0;
            const int code = pages_of(file).size(&octets);
            *size = octets;
            return code;
          });
        },
    .xLock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xCheckReservedLock =
        [](sqlite3_file*, int* held) {
          *held = 0;
          return SQLITE_OK;
        },
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return page; },
    .xDeviceCharacteristics = [](sqlite3_file*) { return 0; },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int refuse_delete(sqlite3_vfs*, const char*, int) {
  return SQLITE_IOERR_DELETE;
}

/// No journal is ever there.
int deny_existence(sqlite3_vfs*, const char*, int, int* exists) {
  *exists = 0;
  return SQLITE_OK;
}

int copy_name(sqlite3_vfs*, const char* name, int room, char* into) {
  const std::size_t length = std::strlen(name);
  if (length >= static_cast<std::size_t>(room)) return SQLITE_CANTOPEN;
  std::memcpy(into, name, length + 1);
  return SQLITE_OK;
}

/// Nothing that is stored depends on the time.
int begin_of_time(sqlite3_vfs*, double* day) {
  *day = 2'440'587.5;  // 1970-01-01, as a Julian day
  return SQLITE_OK;
}

}  // namespace

PageVfs::PageVfs(std::unique_ptr<base::File> file, PageSeal seal, base::Entropy& entropy)
    : file_(std::move(file)),
      seal_(std::move(seal)),
      entropy_(entropy),
      name_(fmt::format("mailpod-{}", fmt::ptr(this))) {
  give_sqlite_zeroing_memory();
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = 64;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = refuse_delete;
  vfs_.xAccess = deny_existence;
  vfs_.xFullPathname = copy_name;
  vfs_.xRandomness = fill;
  vfs_.xSleep = [](sqlite3_vfs*, int) { return 0; };
  vfs_.xCurrentTime = begin_of_time;
  vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
}

PageVfs::~PageVfs() = default;

int PageVfs::open(sqlite3** database, int flags) {
  // SQLite finds a file system by its name only, and only while it is being opened.
  if (const int code = sqlite3_vfs_register(&vfs_, 0); code != SQLITE_OK) return code;
  const int code =
      sqlite3_open_v2("search", database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, vfs_.zName);
  sqlite3_vfs_unregister(&vfs_);
  return code;
}

int PageVfs::open_file(sqlite3_vfs* vfs, const char*, sqlite3_file* file, int flags, int* out) {
  auto& self = *static_cast<PageVfs*>(vfs->pAppData);
  auto& opened = *reinterpret_cast<OpenFile*>(file);
  opened = {};
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || self.taken_) return SQLITE_CANTOPEN;
  self.taken_ = true;
  opened.base.pMethods = &methods;
  opened.pages = &self;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int PageVfs::fill(sqlite3_vfs* vfs, int octets, char* into) {
  auto& self = *static_cast<PageVfs*>(vfs->pAppData);
  self.entropy_.fill({reinterpret_cast<unsigned char*>(into), static_cast<std::size_t>(octets)});
  return octets;
}

int PageVfs::read(char* into, int octets, std::int64_t offset) {
  const bool in_header = offset >= 0 && octets > 0 && offset + octets <= header_octets;
  if (!in_header && (octets != page || offset < 0 || offset % page != 0)) return SQLITE_IOERR_READ;
  const auto number = static_cast<std::uint64_t>(offset / page);
  std::array<char, PageSeal::page_octets> whole{};
  const std::span<char, PageSeal::page_octets> target =
      in_header ? std::span(whole) : std::span<char, PageSeal::page_octets>(into, whole.size());
  const auto got = file_->read_at(number * page, target);
  if (got == 0 && number == 0) {
    // A database that is being made.
    std::memset(into, 0, static_cast<std::size_t>(octets));
    return SQLITE_IOERR_SHORT_READ;
  }
  if (got != whole.size() || !seal_.open(number, target)) {
    std::memset(into, 0, static_cast<std::size_t>(octets));
    return SQLITE_IOERR_DATA;
  }
  if (in_header) std::memcpy(into, whole.data() + offset, static_cast<std::size_t>(octets));
  return SQLITE_OK;
}

int PageVfs::write(const char* from, int octets, std::int64_t offset) {
  if (octets != page || offset < 0 || offset % page != 0) return SQLITE_IOERR_WRITE;
  std::array<char, PageSeal::page_octets> sealed{};
  seal_.seal(static_cast<std::uint64_t>(offset / page),
             std::span<const char, PageSeal::page_octets>(from, sealed.size()), sealed);
  file_->write_at(static_cast<std::uint64_t>(offset), {sealed.data(), sealed.size()});
  return SQLITE_OK;
}

int PageVfs::truncate(std::int64_t size) {
  if (size < 0 || size % page != 0) return SQLITE_IOERR_TRUNCATE;
  file_->truncate(static_cast<std::uint64_t>(size));
  return SQLITE_OK;
}

int PageVfs::size(std::int64_t* octets) {
  *octets = static_cast<std::int64_t>(file_->size());
  return *octets % page == 0 ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

}  // namespace mailpod::search
