#pragma once

#include <string_view>

#include <mailpod/governance/charter.hpp>

namespace mailpod::members {

/// What stands behind a group's local part in the addresses at which it is administered: `choir-request`,
/// `choir-owner` (RFC 2142 §6), and `choir-bounces`, where what other servers say of its members comes back to.
inline constexpr std::string_view group_suffixes[] = {"-request", "-owner", "-bounces"};

/// Whether nobody may choose this local part for themselves, as it is somebody's already or speaks for the pod: it
/// contains the `separator` of sub-addresses (empty: there are none), ends like an address beside a group, whether the
/// group is there or not, is a role of `charter`'s, or one of those that the world believes: by some of them
/// certificates are had for the pod's domain (CA/Browser Forum Baseline Requirements §3.2.2.4.4). Without regard to
/// ASCII case. Maintainers may give all of these to a member.
bool is_reserved(std::string_view local_part, std::string_view separator, const governance::Charter& charter);

}  // namespace mailpod::members
