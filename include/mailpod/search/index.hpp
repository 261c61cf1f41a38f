#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/search/likeness.hpp>
#include <mailpod/search/terms.hpp>

namespace mailpod::search {

/// What an index knows of a document beside its terms. `name` is the document's for ever; `place` is where whoever asks
/// finds it now, and may change as a whole (see Index::load).
struct Document {
  base::ByteArray<16> name{};
  std::uint64_t place = 0;  ///< 0: nowhere
  /// Its terms are known. One that is not described is kept so that it is not looked at again.
  bool described = true;
};

/// What is searched.
enum class Where : std::uint8_t {
  body,
  message,  ///< header or body
  values,   ///< header, or the values that are compared in another form
};

/// What an index knew of one query, at one moment. An immutable value; any thread.
class Hits {
public:
  enum class Verdict { no, yes, maybe };
  /// Of the document at a place: `maybe` where only reading the document can tell.
  Verdict of(std::uint64_t place) const;

  /// `places` ascending, with the verdict of each.
  Hits(std::shared_ptr<const std::vector<std::uint64_t>> places, std::vector<Verdict> verdicts)
      : places_(std::move(places)), verdicts_(std::move(verdicts)) {}

private:
  std::shared_ptr<const std::vector<std::uint64_t>> places_;
  std::vector<Verdict> verdicts_;
};

struct Stats {
  std::uint64_t documents = 0;  ///< also those that are no longer wanted
  std::uint64_t octets = 0;     ///< on disk
  std::size_t generations = 0;
};

/// The full-text index of one vault: sealed databases, generations, of which all but the newest never change. A cache:
/// whatever of it is damaged, missing or foreign is dropped, and its documents are unknown again.
///
/// One instance a folder. Any thread, one call at a time inside; blocks on the disk. Where it says so a failure of disk
/// or database is thrown, as std::runtime_error (std::system_error is one); what fails elsewhere is dropped, and
/// logged.
class Index {
public:
  struct Ports {
    base::Disk& disk;
    base::Entropy& entropy;
    base::Log& log;
  };
  struct Identity {
    std::string folder;  ///< made when something is first written; holds nothing but the index
    std::string owner;   ///< for the log
  };
  struct Settings {
    std::size_t generation = 10'000;  ///< documents of one
    std::size_t terms = 2'000;        ///< that a key may stand for in one generation; above, the text must be read
    std::size_t uncommitted = 500;    ///< documents
    /// Of which way of reading documents the terms come: generations of another one are dropped.
    std::uint8_t reading = 0;
  };

  /// `key` is the vault's search key.
  Index(const Ports& ports, Identity identity, crypto::VaultKey key, const Settings& settings);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// Opens what the folder holds; later calls do nothing. `still_there` is asked of one document of each generation,
  /// that with the highest place: where it answers no, the places of that generation are void until relocate() gives
  /// new ones. Throws if the folder cannot be read; then the next call tries again.
  void load(const std::function<bool(const Document&)>& still_there);

  /// The places of all documents, ascending.
  std::shared_ptr<const std::vector<std::uint64_t>> places();
  /// A document whose place is void has this one now. False if there is none of that name.
  bool relocate(const base::ByteArray<16>& name, std::uint64_t place);

  /// All places are void until relocate() gives new ones.
  void void_places();

  /// Takes a document in. Throws; then, and whenever what is written fails, call abandon().
  void add(const Document& document, const DocumentTerms& terms);
  /// Does one step (some 20 ms) of what a full generation needs before it is closed for ever; true if more is left.
  /// Throws.
  bool finish_more();
  /// Everything so far is durable after this. Throws.
  void settle();
  /// Drops the generation that is being written, which may no longer be what it should be.
  void abandon();
  /// For when all that is wanted is known: drops generations of which more than half is not in `wanted` (ascending
  /// places), and forgets documents without a place. True if any was dropped.
  bool sweep(const std::vector<std::uint64_t>& wanted);

  /// What the terms say of a folded text; nullptr if they say nothing, or once `is_over`, which is asked before each
  /// generation: to ask one takes up to 0.1 s, in which nobody else gets to the index.
  std::shared_ptr<const Hits> look_up(
      std::string_view folded, Where where, const std::function<bool()>& is_over = [] { return false; });

  /// How like what stands there each document is to a query; otherwise as look_up().
  std::shared_ptr<const Likenesses> look_up_alike(
      const LikeQuery& query, Where where, const std::function<bool()>& is_over = [] { return false; });

  /// Whether look_up() met damage since the last call: then documents are unknown that were known before.
  bool has_lost_any();

  Stats stats();
  /// Octets of memory that the lists of terms take.
  std::size_t listed_octets();
  /// Removes everything.
  void drop();

private:
  class Generations;
  std::unique_ptr<Generations> generations_;
};

}  // namespace mailpod::search
