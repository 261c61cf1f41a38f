#pragma once

#include <string>

#include <mailpod/base/ports.hpp>

namespace mailpod::delivery {

/// A message that the pod itself writes.
struct PodMail {
  std::string domain;   ///< it comes from postmaster there
  std::string to;       ///< an address
  std::string subject;  ///< ASCII
  base::Time time;
  std::string_view text;  ///< UTF-8, lines end with LF
};
/// Octet for octet, without trace fields. Nobody is to answer it by machine: RFC 3834 §5.
std::string write_pod_mail(const PodMail& mail, base::Entropy& entropy);

}  // namespace mailpod::delivery
