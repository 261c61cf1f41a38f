#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/members/group.hpp>

namespace mailpod::members {

/// `salt | definition`, as the directory keeps a group. docs/members-format.md, "Groups".
std::string write_group(const Group& group);
/// Nothing if malformed: a group has no other octets than its writer makes.
std::optional<Group> parse_group(std::string_view octets);

/// Whether a text can be the name of a group: UTF-8 without control characters, at most 64 octets.
bool is_group_name(std::string_view name);

}  // namespace mailpod::members
