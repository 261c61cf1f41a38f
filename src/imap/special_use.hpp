#pragma once

#include <optional>
#include <string_view>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::imap {

/// `\Drafts` for its use; empty for none. RFC 6154 §2.
std::string_view attribute_for(store::SpecialUse use);
/// The use of an attribute without its backslash, in any case; nothing for those that Mailpod has no mailbox for.
std::optional<store::SpecialUse> special_use_for(std::string_view name);

}  // namespace mailpod::imap
