#pragma once

#include <string_view>

#include <mailpod/members/slots.hpp>

namespace mailpod::admin {

/// `password`, `app` …
std::string_view name_of(members::SlotType type);

}  // namespace mailpod::admin
