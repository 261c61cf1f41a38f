#pragma once

#include <algorithm>
#include <cstddef>

namespace mailpod::message {

/// How much memory a Structure may still take for what the sender wrote in headers. A short address costs two octets on
/// the wire and a hundred in memory: it is memory that is counted, over all parts.
class KeptOctets {
public:
  explicit KeptOctets(std::size_t total) : rest_(total) {}

  /// Whether `octets` fit; they are gone only then.
  bool take(std::size_t octets) {
    if (octets > rest_) return false;
    rest_ -= octets;
    return true;
  }
  /// How many things of `size` octets fit, at most `limit`.
  std::size_t room_for(std::size_t size, std::size_t limit) const { return std::min(limit, rest_ / size); }

private:
  std::size_t rest_;
};

}  // namespace mailpod::message
