#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/search/index.hpp>
#include <mailpod/search/likeness.hpp>

#include "database.hpp"
#include "term_list.hpp"

namespace mailpod::search {

/// One database of an index. docs/storage-format.md, "search".
///
/// Its file is called `<id>.db` while it is whole on the disk, and `<id>.open` from before the first change until what
/// changed is durable: who finds one of that name after a crash drops it. Rows are counted from 0. Not shared between
/// threads; failures throw DatabaseError and std::system_error.
class Generation {
public:
  struct Surroundings {
    base::Disk& disk;
    base::Entropy& entropy;
    const std::string& folder;
    const crypto::VaultKey& key;
    std::uint8_t reading = 0;  ///< Index::Settings
  };
  /// What is thrown of a whole one whose terms come of another way of reading.
  struct OtherReading : DatabaseError {
    using DatabaseError::DatabaseError;
  };
  static constexpr std::string_view whole_suffix = ".db";
  static constexpr std::string_view open_suffix = ".open";

  /// A new one, with a random id.
  explicit Generation(const Surroundings& surroundings);
  /// The one of this id, which must be whole. Throws OtherReading as well.
  Generation(const Surroundings& surroundings, const DatabaseId& id);

  std::size_t size() const { return places_.size(); }
  std::uint64_t octets() { return database_.octets(); }
  /// Closed for ever.
  bool is_finished() const { return finished_; }
  /// 0: void.
  std::uint64_t place(std::size_t row) const { return places_[row]; }
  bool is_described(std::size_t row) const { return described_[row]; }
  /// All, from the disk, with the places that they had there.
  std::vector<Document> documents();

  void add(const Document& document, const DocumentTerms& terms);
  void void_places();
  void set_place(std::size_t row, std::uint64_t place);
  /// What was added since the last commit leaves the memory.
  void commit();
  /// One step towards being finished; true if more are left.
  bool finish_more();
  /// Everything is durable and the file has its whole name.
  void settle();
  bool is_settled() const { return settled_; }
  void unlink();

  struct Fitting {
    std::vector<std::uint8_t> rows;  ///< not 0: fits
    bool all_keys = true;            ///< false: some key stood for too many terms and was left out
  };
  /// The rows in which every key fits a term in one of the fields that `where` means; nothing if each key stood for
  /// more than `most` terms.
  std::optional<Fitting> rows_with(const std::vector<TermKey>& keys, Where where, std::size_t most);
  /// Of each row, what the `most` terms tell that are most like each word; 0: some word has nothing like it there.
  std::vector<std::uint8_t> likenesses(const LikeQuery& query, Where where, std::size_t most);
  std::size_t listed_octets() const { return list_ ? list_->octets() : 0; }

private:
  std::int64_t version(bool of_finished) const;
  std::string path(std::string_view suffix) const;
  Database open(Database::Open how) const;
  void begin_change();
  void begin_transaction();
  void read_documents();
  void rewrite_documents();
  void list_terms();
  std::vector<std::uint8_t> rows_of(const std::vector<std::string>& terms, Where where);

  Surroundings surroundings_;
  DatabaseId id_;
  Database database_;
  std::vector<std::uint64_t> places_;
  std::vector<bool> described_;
  std::string uncommitted_;  ///< documents as they are stored
  bool in_transaction_ = false;
  bool settled_ = true;
  bool relocated_ = false;
  bool finished_ = false;
  bool merged_ = false;      ///< on the way to being finished
  std::string last_listed_;  ///< likewise: the last term of the stored list
  std::int64_t listed_parts_ = 0;
  std::optional<TermList> list_;
};

}  // namespace mailpod::search
