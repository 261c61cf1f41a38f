#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <mailpod/search/index.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::store {

/// Keeps a vault's search index in step with what the vault shows. A document is a message; its name is the message id,
/// its place the position of its ADD, which copies share. A rewrite of the journal voids all places, and a vault put
/// back from a backup some: then the documents are found again by the ids in their ADDs.
///
/// more() and close() come from one thread at a time each; look_up(), stats() and drop() from any. Blocks on the disk.
class Indexing {
public:
  struct Sources {
    Vault& vault;
    /// Whose ADD stands at a position; nothing if none can be read there.
    std::function<std::optional<MessageId>(std::uint64_t)> message_at;
    std::shared_ptr<const std::atomic<bool>> stopped;
  };
  Indexing(Sources sources, const Vault::Ports& ports, search::Index::Identity identity, crypto::Key key,
           std::size_t generation);

  bool more(std::chrono::microseconds time);
  std::shared_ptr<const search::Hits> look_up(std::string_view folded, search::Where where);
  std::shared_ptr<const search::Likenesses> look_up_alike(const search::LikeQuery& query, search::Where where);
  /// Whether look_up() met damage since the last call: more() has work again.
  bool has_lost_any();
  search::Stats stats();
  void drop();
  /// Every ADD may stand elsewhere now: the documents are found again by their ids.
  void journal_rewritten();
  /// Ends what more() does, makes it durable. Never throws for what the index or the disk is to blame for.
  void close();

private:
  bool work(std::chrono::microseconds deadline);
  void load();
  bool is_over() const { return closing_ || *sources_.stopped; }
  /// False if every message is known.
  bool take_next();
  void collect();
  void take(std::uint64_t record);
  /// Whether the message's terms are complete; nothing if it could not be read now.
  std::optional<bool> describe(std::uint64_t record, search::DocumentTerms& terms) const;
  bool sweep();
  void give_up(std::string_view reason);

  Sources sources_;
  base::Clock& clock_;
  base::Log& log_;
  const std::string owner_;
  search::Index index_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> looks_at_all_{false};  ///< more() looks at every message again

  std::mutex slice_;                              ///< guards what follows
  std::shared_ptr<const VaultState> examined_;    ///< what of it is not in the index is in queue_
  std::vector<std::uint64_t> queue_;              ///< records, the next one last
  std::unordered_set<std::uint64_t> unreadable_;  ///< passed over as long as the vault is open
  bool swept_ = false;
  bool told_ = false;                         ///< of trouble, since it last worked
  std::chrono::microseconds rests_until_{0};  ///< monotonic
  std::chrono::microseconds settles_from_{0};
};

}  // namespace mailpod::store
