#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Domain names as mail authentication compares them: lower case, without the final dot.
namespace mailpod::mailauth {

/// Whether there can be a policy at this name: several labels, each of 1 to 63 octets, 253 in all. RFC 7208 §4.3.
bool is_host_name(std::string_view name);

/// Whether `name` is `domain` or stands below it.
bool is_or_is_below(std::string_view name, std::string_view domain);

/// How many labels at their right two names share.
std::size_t common_labels(std::string_view one, std::string_view other);

/// Without its first label; empty if it has but one.
std::string_view parent_of(std::string_view name);

/// Without as many labels at its left as make it too long for a name, and without the final dot. RFC 7208 §7.3.
std::string shortened(std::string name);

}  // namespace mailpod::mailauth
