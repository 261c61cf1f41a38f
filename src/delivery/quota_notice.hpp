#pragma once

#include <chrono>
#include <string>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/usage.hpp>

namespace mailpod::delivery {

/// What a member reads whose vault fills up.
struct QuotaNotice {
  std::string member;  ///< their main address
  std::string domain;  ///< the pod's own
  store::Usage usage;
  store::Quota quota;
  unsigned percent = 0;  ///< the mark that was reached
  std::chrono::seconds grace{};
  unsigned grace_percent = 0;
  base::Time time;
};

/// A whole message, CRLF line ends, without trace fields.
std::string write_quota_notice(const QuotaNotice& notice, base::Entropy& entropy);

}  // namespace mailpod::delivery
