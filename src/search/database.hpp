#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "page_vfs.hpp"

struct sqlite3_stmt;

namespace mailpod::search {

/// SQLite did not do what it was asked: the database is damaged, or the disk failed.
struct DatabaseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A prepared statement. Every failure throws DatabaseError.
class Statement {
public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int place, std::int64_t number);
  /// Borrowed until the statement is reset.
  Statement& bind_text(int place, std::string_view utf8);
  Statement& bind_octets(int place, std::string_view octets);
  /// True at a row, false at the end, where the statement is ready for its next use.
  bool step();
  /// For a statement without rows.
  void run();
  void reset();

  std::int64_t number(int column) const;
  /// Borrowed until the next step().
  std::string_view octets(int column) const;

private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  void check(int code) const;

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One sealed database, opened by the only connection that it has. Not shared between threads.
class Database {
public:
  enum class Open { existing, new_one };
  Database(std::unique_ptr<base::File> file, PageSeal seal, base::Entropy& entropy, Open how);

  void run(const char* sql);
  Statement prepare(std::string_view sql) { return {database_.get(), sql}; }
  std::int64_t number(std::string_view sql);
  /// Rows that statements have changed since the database was opened.
  std::int64_t changes() const;
  void sync() { pages_->sync(); }
  std::uint64_t octets() { return pages_->octets(); }

private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::unique_ptr<PageVfs> pages_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace mailpod::search
