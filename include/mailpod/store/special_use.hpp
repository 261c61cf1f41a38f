#pragma once

#include <optional>
#include <string_view>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// The annotation of a mailbox that is its special use: told and set like others, and kept with the mailbox. RFC 6154
/// §4.
inline constexpr std::string_view special_use_entry = "/private/specialuse";

/// `\Drafts` for its use; empty for none. RFC 6154 §2.
std::string_view attribute_for(SpecialUse use);
/// The use of an attribute, with its backslash and in any case; nothing for those that Mailpod has no mailbox for.
std::optional<SpecialUse> special_use_for(std::string_view attribute);

}  // namespace mailpod::store
