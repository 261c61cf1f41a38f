#include "database.hpp"

#include <sqlite3.h>

namespace mailpod::search {
namespace {

[[noreturn]] void fail(sqlite3* database, int code) {
  // SQLite's own words may quote what it was given; the name of the code may not.
  throw DatabaseError(
      fmt::format("{} ({})", sqlite3_errstr(code), database == nullptr ? code : sqlite3_extended_errcode(database)));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* made = nullptr;
  const int code =
      sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement_.reset(made);
  check(code);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(database_, code);
}

Statement& Statement::bind(int place, std::int64_t number) {
  check(sqlite3_bind_int64(statement_.get(), place, number));
  return *this;
}

Statement& Statement::bind_text(int place, std::string_view utf8) {
  check(sqlite3_bind_text64(statement_.get(), place, utf8.data(), utf8.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_octets(int place, std::string_view octets) {
  check(sqlite3_bind_blob64(statement_.get(), place, octets.data(), octets.size(), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  if (code != SQLITE_DONE) fail(database_, code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::octets(int column) const {
  const auto* const octets = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {octets, octets == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

Database::Database(std::unique_ptr<base::File> file, PageSeal seal, base::Entropy& entropy, Open how)
    : pages_(std::make_unique<PageVfs>(std::move(file), std::move(seal), entropy)) {
  sqlite3* opened = nullptr;
  const int code = pages_->open(&opened, SQLITE_OPEN_READWRITE | (how == Open::new_one ? SQLITE_OPEN_CREATE : 0));
  database_.reset(opened);
  if (code != SQLITE_OK) fail(opened, code);
  if (how == Open::new_one) {
    int reserved = PageSeal::reserved_octets;
    sqlite3_file_control(opened, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    run("PRAGMA page_size = 4096");
  }
  // Undoing happens in memory alone; what survives a crash is decided by the file's name (see Generation).
  run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
      "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
      "PRAGMA cache_size = -2048");
}

void Database::run(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_.get(), code);
}

std::int64_t Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.number(0) : 0;
}

std::int64_t Database::changes() const {
  return sqlite3_total_changes64(database_.get());
}

}  // namespace mailpod::search
