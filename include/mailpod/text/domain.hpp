#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::text {

/// A domain name as DNS has it: lower case, every U-label as its A-label (`bücher.example`, `xn--bcher-kva.example`).
/// IDNA 2008 by way of UTS 46, not transitional. A name in ASCII comes back in lower case and is not examined further.
/// Nothing if there is no such name: malformed UTF-8, characters that no label may have, labels longer than 63 octets.
/// RFC 5890 §2.3.
std::optional<std::string> to_ascii_domain(std::string_view name);

}  // namespace mailpod::text
