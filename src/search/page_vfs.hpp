#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

#include <mailpod/base/disk.hpp>

#include "page_seal.hpp"

namespace mailpod::search {

/// What SQLite takes for a file system in which exactly one database exists, its pages sealed.
///
/// It opens that main database once and nothing else: no journal, no write-ahead log, no temporary file. Whatever is
/// not a whole page is refused, but the first 100 octets of the first page, which SQLite reads to learn the page size.
/// A page that does not open, or is not there, is SQLITE_IOERR_DATA: never octets that were not written.
class PageVfs {
public:
  PageVfs(std::unique_ptr<base::File> file, PageSeal seal, base::Entropy& entropy);
  ~PageVfs();
  PageVfs(const PageVfs&) = delete;
  PageVfs& operator=(const PageVfs&) = delete;

  /// Opens the database; must be closed before this dies. SQLite's code where it fails.
  int open(sqlite3** database, int flags);
  /// What SQLite wrote becomes durable.
  void sync() { file_->sync(); }
  std::uint64_t octets() { return file_->size(); }

  // What SQLite calls; its codes.
  int read(char* into, int octets, std::int64_t offset);
  int write(const char* from, int octets, std::int64_t offset);
  int truncate(std::int64_t size);
  int size(std::int64_t* octets);

private:
  static int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  static int fill(sqlite3_vfs* vfs, int octets, char* into);

  std::unique_ptr<base::File> file_;
  PageSeal seal_;
  base::Entropy& entropy_;
  std::string name_;
  sqlite3_vfs vfs_{};
  bool taken_ = false;
};

}  // namespace mailpod::search
