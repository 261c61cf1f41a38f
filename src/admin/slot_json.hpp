#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <mailpod/members/slots.hpp>

namespace mailpod::admin {

/// `password`, `app` …
std::string_view name_of(members::SlotType type);

/// `imap`, `send`, `jmap`, `dav`.
std::optional<sasl::Scope> scope_of(std::string_view name);
/// The names of those in a set.
std::vector<std::string_view> names_of(sasl::Scopes scopes);

}  // namespace mailpod::admin
