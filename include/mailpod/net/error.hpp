#pragma once

#include <system_error>
#include <type_traits>

namespace mailpod::net {

/// What only a network can answer. The first group is thrown in a std::system_error, beside the errno values
/// (std::errc::timed_out, connection_reset, …); the second travels in a Result.
enum class Errc {
  peer_closed = 1,       ///< the peer ended the connection inside something unfinished
  shutting_down,         ///< we are stopping: say so (421, BYE) and end the conversation
  tls_handshake_failed,  ///< the peers could not agree on TLS
  tls_broken,            ///< a TLS record was malformed or the peer reported a fatal alert
  bad_certificate,       ///< our certificate or key cannot be used; what() names the file and the remedy

  busy,            ///< too much is waiting already; try again later
  no_such_name,    ///< DNS: NXDOMAIN
  no_such_record,  ///< DNS: the name exists, the type does not
  lookup_failed,   ///< DNS: SERVFAIL, timeout: try again later
  bogus_answer,    ///< DNS: DNSSEC validation failed: treat as a failed lookup, never as absence
};

const std::error_category& category();
std::error_code make_error_code(Errc code);

}  // namespace mailpod::net

template <>
struct std::is_error_code_enum<mailpod::net::Errc> : std::true_type {};
