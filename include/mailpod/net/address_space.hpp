#pragma once

#include <string_view>

namespace mailpod::net {

/// Whether a numeric address is a host's on the internet at large: where a stranger's DNS may lead a client that asks
/// for something by a name. Not one of this machine, of a network behind it, of a group, for examples, or one that
/// hides another inside (mapped into IPv6, 6to4, Teredo); behind a translator (NAT64) what it translates to counts.
/// False for what is no address. RFC 6890 and IANA's registries of special-purpose addresses.
bool is_global(std::string_view address);

}  // namespace mailpod::net
