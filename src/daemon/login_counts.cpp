#include "login_counts.hpp"

#include <utility>

#include <fmt/format.h>

namespace mailpod::daemon {

void LoginCounts::logged_in(MemberId member, const std::string& listener) {
  const std::lock_guard lock(mutex_);
  ++counts_.members[member][listener];
}

void LoginCounts::refused(const std::string& listener) {
  const std::lock_guard lock(mutex_);
  ++counts_.refused[listener];
}

LoginCounts::Counts LoginCounts::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(counts_, {});
}

std::string counts_text(const std::map<std::string, std::uint64_t>& by_listener) {
  std::string out;
  for (const auto& [listener, times] : by_listener)
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",", listener, times);
  return out;
}

}  // namespace mailpod::daemon
