#include "generation.hpp"

#include <algorithm>

#include <fmt/format.h>

// What a generation holds and how it is written; generation_reading.cpp is how it is asked.
namespace mailpod::search {
namespace {

/// PRAGMA user_version. Another version's database is dropped and made anew: 1 and 2 had the tags of HTML among its
/// words. Two for each way of reading.
constexpr std::int64_t first_being_filled = 3;
constexpr std::int64_t first_finished = 4;
constexpr std::int64_t versions_a_reading = 2;
constexpr std::int64_t highest = 255;  // so many may come to be

/// Leaves of the term index fill one page: what SQLite leaves in it for one row, 4056 - 35, less the row's own header.
constexpr const char* schema = R"(
CREATE VIRTUAL TABLE texts USING fts5(h, b, v, content='', detail=column, columnsize=0, tokenize='ascii');
INSERT INTO texts(texts, rank) VALUES('pgsz', 4008);
INSERT INTO texts(texts, rank) VALUES('hashsize', 4194304);
CREATE VIRTUAL TABLE places USING fts5vocab(texts, instance);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(texts, row);
CREATE TABLE documents(first INTEGER PRIMARY KEY, octets BLOB NOT NULL);
CREATE TABLE terms(part INTEGER PRIMARY KEY, octets BLOB NOT NULL);
)";

constexpr std::uint8_t described_mark = 1;
constexpr std::size_t document_octets = 25;

void write(std::string& out, const Document& document) {
  out += base::Encoder().fixed(document.name).u64(document.place).u8(document.described ? described_mark : 0).str();
}

}  // namespace

Generation::Generation(const Surroundings& surroundings)
    : surroundings_(surroundings),
      id_(surroundings.entropy.bytes<16>()),
      database_(open(Database::Open::new_one)),
      settled_(false) {
  try {
    database_.run(schema);
    database_.run(fmt::format("PRAGMA user_version = {}", version(false)).c_str());
  } catch (const std::runtime_error&) {
    unlink();
    throw;
  }
}

Generation::Generation(const Surroundings& surroundings, const DatabaseId& id)
    : surroundings_(surroundings), id_(id), database_(open(Database::Open::existing)) {
  const auto stored = database_.number("PRAGMA user_version");
  if (stored < first_being_filled || stored > highest) throw DatabaseError("another version");
  if (stored != version(false) && stored != version(true)) throw OtherReading("another reading");
  finished_ = stored == version(true);
  for (const auto& document : documents()) {
    places_.push_back(document.place);
    described_.push_back(document.described);
  }
}

std::int64_t Generation::version(bool of_finished) const {
  return (of_finished ? first_finished : first_being_filled) + versions_a_reading * surroundings_.reading;
}

std::string Generation::path(std::string_view suffix) const {
  return base::join(surroundings_.folder, base::hex(base::octets(id_)) + std::string(suffix));
}

Database Generation::open(Database::Open how) const {
  auto& [disk, entropy, folder, key, reading] = surroundings_;
  if (how == Database::Open::existing) {
    return {disk.open(path(whole_suffix), base::Disk::Open::read_write), PageSeal(key, id_, entropy), entropy, how};
  }
  auto file = disk.open(path(open_suffix), base::Disk::Open::create_new);
  try {
    return {std::move(file), PageSeal(key, id_, entropy), entropy, how};
  } catch (const std::runtime_error&) {
    disk.unlink(path(open_suffix));
    throw;
  }
}

void Generation::begin_change() {
  if (!settled_) return;
  surroundings_.disk.rename(path(whole_suffix), path(open_suffix));
  settled_ = false;
  surroundings_.disk.sync_directory(surroundings_.folder);
}

void Generation::begin_transaction() {
  begin_change();
  if (!in_transaction_) database_.run("BEGIN");
  in_transaction_ = true;
}

std::vector<Document> Generation::documents() {
  std::vector<Document> all;
  auto parts = database_.prepare("SELECT first, octets FROM documents ORDER BY first");
  while (parts.step()) {
    base::Decoder in(parts.octets(1));
    if (parts.number(0) != static_cast<std::int64_t>(all.size())) throw DatabaseError("documents are missing");
    while (!in.at_end()) {
      Document document;
      document.name = in.fixed<16>();
      document.place = in.u64();
      document.described = (in.u8() & described_mark) != 0;
      all.push_back(document);
    }
    if (!in.ok()) throw DatabaseError("documents are cut");
  }
  base::Decoder in(uncommitted_);
  while (!in.at_end()) {
    const auto name = in.fixed<16>();
    const auto place = in.u64();
    all.push_back({name, place, (in.u8() & described_mark) != 0});
  }
  return all;
}

void Generation::add(const Document& document, const DocumentTerms& terms) {
  begin_transaction();
  if (document.described) {
    const std::string columns[] = {terms.joined(Field::header), terms.joined(Field::body), terms.joined(Field::values)};
    auto insert = database_.prepare("INSERT INTO texts(rowid, h, b, v) VALUES(?1, ?2, ?3, ?4)");
    insert.bind(1, static_cast<std::int64_t>(size()) + 1);
    for (int i = 0; i < 3; ++i) insert.bind_text(i + 2, columns[i]);
    insert.run();
    if (list_) list_->take(terms);
    if (list_ && list_->is_outgrown()) list_.reset();
  }
  write(uncommitted_, document);
  places_.push_back(document.place);
  described_.push_back(document.described);
}

void Generation::void_places() {
  std::ranges::fill(places_, 0);
}

void Generation::set_place(std::size_t row, std::uint64_t place) {
  places_[row] = place;
  relocated_ = true;
}

void Generation::commit() {
  if (!uncommitted_.empty()) {
    begin_transaction();
    auto insert = database_.prepare("INSERT INTO documents(first, octets) VALUES(?1, ?2)");
    const auto first = size() - uncommitted_.size() / document_octets;
    insert.bind(1, static_cast<std::int64_t>(first)).bind_octets(2, uncommitted_).run();
    uncommitted_.clear();
  }
  if (relocated_) rewrite_documents();
  if (in_transaction_) database_.run("COMMIT");
  in_transaction_ = false;
}

void Generation::rewrite_documents() {
  begin_transaction();
  auto all = documents();
  std::string octets;
  for (std::size_t row = 0; row < all.size(); ++row) {
    all[row].place = places_[row];
    write(octets, all[row]);
  }
  database_.run("DELETE FROM documents");
  auto insert = database_.prepare("INSERT INTO documents(first, octets) VALUES(0, ?1)");
  insert.bind_octets(1, octets).run();
  relocated_ = false;
}

bool Generation::finish_more() {
  if (finished_) return false;
  constexpr int merged_pages = 256;  // in one step
  commit();
  begin_transaction();
  if (!merged_) {
    const auto before = database_.changes();
    auto merge = database_.prepare("INSERT INTO texts(texts, rank) VALUES('merge', ?1)");
    merge.bind(1, -merged_pages).run();
    constexpr std::int64_t nothing_to_do = 2;  // fewer changes than these
    merged_ = database_.changes() - before < nothing_to_do;
  } else {
    constexpr std::int64_t terms_listed = 20'000;  // in one step
    auto some = database_.prepare("SELECT term FROM vocabulary WHERE term > ?1 ORDER BY term LIMIT ?2");
    const std::string after = last_listed_;
    some.bind_text(1, after).bind(2, terms_listed);
    std::string listed;
    while (some.step()) {
      last_listed_ = some.octets(0);
      listed += last_listed_ + '\n';
    }
    if (listed.empty()) {
      database_.run(fmt::format("PRAGMA user_version = {}", version(true)).c_str());
      finished_ = true;
    } else {
      auto insert = database_.prepare("INSERT INTO terms(part, octets) VALUES(?1, ?2)");
      insert.bind(1, listed_parts_++).bind_octets(2, listed).run();
    }
  }
  commit();
  return !finished_;
}

void Generation::settle() {
  commit();
  if (settled_) return;
  database_.sync();
  surroundings_.disk.rename(path(open_suffix), path(whole_suffix));
  settled_ = true;
  surroundings_.disk.sync_directory(surroundings_.folder);
}

void Generation::unlink() {
  surroundings_.disk.unlink(path(settled_ ? whole_suffix : open_suffix));
}

}  // namespace mailpod::search
