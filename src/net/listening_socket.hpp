#pragma once

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// A bound, listening, non-blocking TCP socket; `::` serves IPv4 too, and means 0.0.0.0 where the machine has no IPv6.
/// Throws std::system_error that names address, port and remedy.
int make_listening_socket(Endpoint where, int backlog);

}  // namespace mailpod::net
