#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/members/slots.hpp>

/// Generated passwords: `mp-xxxxx-xxxxx-xxxxx-xxxxx-xxxxxx`, 125 random bits in Crockford's base 32, in lower case, and
/// a check character (Luhn mod 32) that finds every single wrong character and nearly every swap of neighbours.
namespace mailpod::members {

/// The caller wipes it.
std::string generate_app_password(base::Entropy& entropy);

/// The one spelling of a typed app password (hyphens, capitals, I, L and O forgiven); nothing unless its check
/// character fits. The caller wipes it.
std::optional<std::string> canonical_app_password(std::string_view typed);

}  // namespace mailpod::members
