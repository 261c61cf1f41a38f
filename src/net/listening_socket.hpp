#pragma once

#include <string>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// A bound, listening, non-blocking TCP socket; `::` serves IPv4 too, and means 0.0.0.0 where the machine has no IPv6.
/// Throws std::system_error that names address, port and remedy.
int make_listening_socket(Endpoint where, int backlog);

/// The same for a local socket at `path`, mode 0660; one that is there already makes way, anything else does not.
int make_local_socket(const std::string& path, int backlog);

/// One that listens already, handed to this process by whoever started it; made non-blocking. Closes it and throws
/// std::system_error if it is no such socket.
int adopt_listening_socket(int descriptor);

}  // namespace mailpod::net
