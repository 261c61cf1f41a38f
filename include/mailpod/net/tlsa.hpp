#pragma once

#include <cstdint>
#include <string>

namespace mailpod::net {

/// A domain's word on whose certificate its servers show. RFC 6698 §2.1.
struct Tlsa {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching_type = 0;
  std::string data;  ///< octets
  friend bool operator==(const Tlsa&, const Tlsa&) = default;
};

/// Whether it says something about a mail server that can be looked at: DANE-TA or DANE-EE, a certificate or a public
/// key, whole or by SHA-256 or SHA-512, and of the right size. RFC 7672 §3.1.3: PKIX-TA and PKIX-EE are none.
bool is_usable(const Tlsa& record);

}  // namespace mailpod::net
