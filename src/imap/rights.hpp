#pragma once

#include <string_view>

namespace mailpod::imap {

/// What a member may do with each of her mailboxes: everything. Nobody else's login opens her vault, so nobody else has
/// any right, and none can be given. RFC 4314 §2.1. The two at the end are those of RFC 2086, for older clients
/// (RFC 4314 §2.1.1).
inline constexpr std::string_view owners_rights = "lrswipkxtecda";

}  // namespace mailpod::imap
