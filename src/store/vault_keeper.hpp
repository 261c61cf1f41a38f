#pragma once

#include <memory>

#include "open_vaults.hpp"

/// Who accompanies an open vault.
namespace mailpod::store {

/// Begins to make flags durable, to keep the search index in step, and to close the vault when nobody needs it any
/// more.
void start_keeper(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                  const std::shared_ptr<Opened>& opened);
/// Has its keeper look at once. Any thread.
void wake_keeper(const std::shared_ptr<Opened>& opened);

/// Merges what arrived until nothing is left, beside all else.
void start_merge(const std::shared_ptr<Keeping>& keeping, const std::shared_ptr<Slot>& slot,
                 const std::shared_ptr<Opened>& opened);
/// Some of it; true if more is left. On the lane.
bool merge_slice(Keeping& keeping, Slot& slot, Opened& opened);

/// The vault closes. What is being read goes on until it notices. On the lane.
void close_now(Keeping& keeping, Slot& slot, const std::shared_ptr<Opened>& opened);

}  // namespace mailpod::store
