#pragma once

#include <string>
#include <string_view>

namespace mailpod::delivery {

/// The 4 or 16 octets of a numeric address; IPv4 mapped into IPv6 is IPv4. Empty if it is none.
std::string address_octets(std::string_view address);
/// Its network, as one neighbour: the first 3 octets of IPv4 (/24), 8 of IPv6 (/64). Empty if it is no address.
std::string network_of(std::string_view address);

}  // namespace mailpod::delivery
