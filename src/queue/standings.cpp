#include "standings.hpp"

namespace mailpod::queue {

void Standings::note(const Destination& to, Rank rank) {
  const auto known = places_.find(to);
  if (known != places_.end()) {
    known->second->second = rank;
    known_.splice(known_.end(), known_, known->second);
    return;
  }
  if (known_.size() >= most_) {
    places_.erase(known_.front().first);
    known_.pop_front();
  }
  places_.emplace(to, known_.emplace(known_.end(), to, rank));
}

Rank Standings::of(const Destination& to) const {
  const auto known = places_.find(to);
  return known == places_.end() ? Rank::fresh : known->second->second;
}

}  // namespace mailpod::queue
