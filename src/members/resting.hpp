#pragma once

#include <mailpod/governance/error.hpp>
#include <mailpod/members/address.hpp>

namespace mailpod::members {

/// Why nobody is given an address that somebody left lately.
governance::Complaint resting(const Address& address, base::Time until);

}  // namespace mailpod::members
