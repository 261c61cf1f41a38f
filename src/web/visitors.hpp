#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mailpod::web {

/// Who has requests under way, so that none has more than his share: by IPv4 address, or the /64 of an IPv6 address.
/// Any thread. Outlives every stay.
class Visitors {
public:
  explicit Visitors(std::size_t most_of_one) : most_of_one_(most_of_one) {}

  class Stay {
  public:
    Stay(Visitors& visitors, std::string who) : visitors_(visitors), who_(std::move(who)) {}
    ~Stay() { visitors_.leave(who_); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

  private:
    Visitors& visitors_;
    std::string who_;
  };
  /// Counted as long as the answer lives; nullptr: there are too many from there.
  std::unique_ptr<Stay> admit(std::string_view address);

private:
  void leave(const std::string& who);

  const std::size_t most_of_one_;
  std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> present_;
};

}  // namespace mailpod::web
