#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace mailpod::http {

/// Octets of an answer in what all answers may have in memory: counted from being granted until they are written. What
/// is refused is not counted, and small ones are always granted: they are as many as there are connections.
class Share {
public:
  struct Limits {
    std::size_t small = 0;  ///< octets that are not worth counting
    std::size_t all = 0;    ///< octets of all others together
  };
  Share(std::atomic<std::size_t>& all, std::size_t octets, Limits limits) : all_(all) {
    if (octets <= limits.small) return;
    granted_ = all_.fetch_add(octets) + octets <= limits.all;
    octets_ = octets;
    if (!granted_) give_back(octets_);
  }
  ~Share() { give_back(octets_); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  bool granted() const { return granted_; }
  /// These are written, or as many of them as were counted.
  void give_back(std::size_t octets) {
    const auto counted = std::min(octets, octets_);
    all_ -= counted;
    octets_ -= counted;
  }

private:
  std::atomic<std::size_t>& all_;
  std::size_t octets_ = 0;
  bool granted_ = true;
};

}  // namespace mailpod::http
