#pragma once

#include <string>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>

namespace mailpod::delivery {

/// How a report comes into its member's vault.
struct ReportArrival {
  std::string address;    ///< the member's, to which it is delivered
  std::string host_name;  ///< ours
  std::string id;         ///< ours
  base::Time time;
};

/// The trace fields above a report: null Return-Path, Delivered-To, Received. Errors: message::Errc::unsafe_value.
Result<std::string> report_prefix(const ReportArrival& arrival);

}  // namespace mailpod::delivery
