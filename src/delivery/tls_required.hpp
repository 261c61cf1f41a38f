#pragma once

#include <string_view>

namespace mailpod::delivery {

/// Whether a header asks that no policy of TLS keep the message from its recipients: `TLS-Required: No`, the one value
/// that the field has. RFC 8689 §5.
bool says_tls_required_no(std::string_view header);

}  // namespace mailpod::delivery
