#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <utility>

#include "destination.hpp"

namespace mailpod::queue {

/// How promising it is to connect with a destination; the lower goes first.
enum class Rank {
  good,     ///< it has greeted the last time
  fresh,    ///< nothing is known
  failing,  ///< no host was to be had the last time
};

/// What the last attempt on each destination has shown, for as many as were tried last. Forgotten with the process:
/// then an entry that has been tried before says enough.
class Standings {
public:
  explicit Standings(std::size_t most = 10'000) : most_(most) {}

  void note(const Destination& to, Rank rank);
  /// Rank::fresh of whom it does not know, or not any more.
  Rank of(const Destination& to) const;

private:
  using Known = std::list<std::pair<Destination, Rank>>;  ///< the latest last
  std::size_t most_;
  Known known_;
  std::map<Destination, Known::iterator> places_;
};

}  // namespace mailpod::queue
