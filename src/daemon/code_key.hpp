#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>

namespace mailpod::daemon {

/// What one-time codes are to be made from: 20 octets (RFC 4226 §4, R6), drawn where they are shown to the member. The
/// caller wipes them.
std::string draw_code_key(base::Entropy& entropy);

/// The same as authenticators read it: `otpauth://totp/ISSUER:NAME?secret=BASE32&issuer=ISSUER`. What a URI does not
/// carry as it is, is percent-encoded. RFC 3986 §2.1. The caller wipes it.
std::string write_code_uri(std::string_view issuer, std::string_view name, std::string_view key);

}  // namespace mailpod::daemon
