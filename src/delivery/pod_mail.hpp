#pragma once

#include <string>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/ports.hpp>

namespace mailpod::delivery {

/// A message that the pod itself writes.
struct PodMail {
  std::string domain;   ///< it comes from postmaster there
  std::string to;       ///< an address
  std::string subject;  ///< ASCII
  base::Time time;
  std::string_view text;         ///< UTF-8, lines end with LF
  std::string in_reply_to = {};  ///< a message id with its angle brackets, of whoever is answered; empty: nobody is
};
/// Octet for octet, without trace fields. Nobody is to answer it by machine: RFC 3834 §5.
std::string write_pod_mail(const PodMail& mail, base::Entropy& entropy);

/// The field that names the act whose text a message is. Only we may say it.
inline constexpr std::string_view act_field = "Mailpod-Act";
/// The same for a text that an act commits to, which is the body. The subject may be UTF-8.
std::string write_act_mail(const PodMail& mail, const base::ByteArray<32>& act, base::Entropy& entropy);

}  // namespace mailpod::delivery
