#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/reports/error.hpp>

/// A complaint about one message, as providers send them when somebody presses "this is spam". RFC 5965.
namespace mailpod::reports {

struct FeedbackReport {
  std::string type;  ///< `abuse`, `fraud`, `virus`, `not-spam`, `auth-failure`, `other`; lower case
  std::string user_agent;
  std::string source_address;        ///< empty where it is not said
  std::vector<std::string> domains;  ///< Reported-Domain
  std::uint64_t incidents = 1;
  friend bool operator==(const FeedbackReport&, const FeedbackReport&) = default;
};

struct FeedbackLimits {
  std::size_t fields = 200;
  std::size_t text = 1'000;  ///< octets kept of each value
};
/// The content of a message/feedback-report. Errors: malformed (no Feedback-Type, or another Version than 1), too_big.
Result<FeedbackReport> parse_feedback_report(std::string_view fields, const FeedbackLimits& limits = {});

}  // namespace mailpod::reports
