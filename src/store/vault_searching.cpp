#include "sealed_vault.hpp"

// The vault's search index, as the vault offers it.
namespace mailpod::store {

void SealedVault::make_index(const crypto::VaultKey& key) {
  if (settings_.index_generation == 0) return;
  const auto message_at = [this](std::uint64_t record) -> std::optional<MessageId> {
    const auto add = read_add_at(record);
    return add ? std::optional(add->message) : std::nullopt;
  };
  indexing_ =
      std::make_unique<Indexing>(Indexing::Sources{*this, message_at, stopped_}, ports_,
                                 search::Index::Identity{base::join(maildir_.folder(), "search"), member_.str()},
                                 key.derive(search_label), settings_.index_generation);
}

std::shared_ptr<const search::Hits> SealedVault::look_up(std::string_view folded, search::Where where) {
  if (!indexing_) return nullptr;
  auto hits = indexing_->look_up(folded, where);
  if (indexing_->has_lost_any()) ring();  // whoever keeps the index in step comes
  return hits;
}

std::shared_ptr<const search::Likenesses> SealedVault::look_up_alike(const search::LikeQuery& query,
                                                                     search::Where where) {
  if (!indexing_) return nullptr;
  auto likenesses = indexing_->look_up_alike(query, where);
  if (indexing_->has_lost_any()) ring();
  return likenesses;
}

bool SealedVault::index_more(std::chrono::microseconds time) {
  return indexing_ && indexing_->more(time);
}

search::Stats SealedVault::search_stats() {
  return indexing_ ? indexing_->stats() : search::Stats();
}

void SealedVault::drop_index() {
  if (!indexing_) return;
  indexing_->drop();
  ring();
}

}  // namespace mailpod::store
