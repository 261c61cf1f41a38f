#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/audit_entry.hpp>

namespace mailpod::daemon {

/// How often each member logged in today, and where: numbers, no times and no addresses. Any thread.
class LoginCounts {
public:
  void logged_in(MemberId member, const std::string& listener);
  /// Whoever it was.
  void refused(const std::string& listener);

  struct Counts {
    std::map<MemberId, std::map<std::string, std::uint64_t>> members;  ///< by listener
    std::map<std::string, std::uint64_t> refused;
  };
  /// All since it was last asked.
  Counts take();

private:
  std::mutex mutex_;
  Counts counts_;
};

/// `imaps:3,submissions:2`
std::string counts_text(const std::map<std::string, std::uint64_t>& by_listener);

}  // namespace mailpod::daemon
