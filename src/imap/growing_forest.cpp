#include "growing_forest.hpp"

namespace mailpod::imap {

bool SiblingSort::next() {
  constexpr std::size_t few = 64;
  auto* siblings = list_(at_);
  if (siblings == nullptr) return false;
  if (!sort_ && siblings->size() > few) sort_.emplace(std::move(*siblings), before_);
  if (!sort_) {
    std::ranges::sort(*siblings, before_);
  } else if (sort_->next()) {
    return true;
  } else {
    *siblings = std::move(sort_->values());
    sort_.reset();
  }
  ++at_;
  return true;
}

}  // namespace mailpod::imap
