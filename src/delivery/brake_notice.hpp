#pragma once

#include <string>

#include <mailpod/base/ports.hpp>
#include <mailpod/delivery/brake.hpp>

namespace mailpod::delivery {

/// What whoever runs the pod reads of a brake.
struct BrakeNotice {
  std::string member;  ///< their main address
  std::string domain;  ///< the pod's own
  Brake::Reason reason;
  guard::Rate rate;  ///< that was exceeded
  base::Time time;
};

/// A whole message, CRLF line ends, without trace fields.
std::string write_brake_notice(const BrakeNotice& notice, base::Entropy& entropy);

}  // namespace mailpod::delivery
