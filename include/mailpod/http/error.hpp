#pragma once

#include <system_error>
#include <type_traits>

namespace mailpod::http {

/// Why a message is not taken. The first group is what a client is told (status_for()); the second is what a server's
/// answer came to.
enum class Errc {
  malformed = 1,        ///< it is no HTTP/1.1 message, or one that two readers could take for two things
  target_too_long,      ///< its request line
  head_too_large,       ///< its fields: octets, or how many
  content_too_large,    ///< its content, or what holds it together (chunks)
  not_implemented,      ///< a method, or a transfer coding other than `chunked`
  version_unknown,      ///< not HTTP/1.x
  expectation_unknown,  ///< Expect of something else than 100-continue

  no_such_address,       ///< the server's name has no address
  certificate_refused,   ///< it is not for this name, or from nobody that we trust; nothing was sent
  end_unknown,           ///< its content ends where the connection does: nobody can tell whether it was cut off
  content_coding,        ///< it is coded (gzip, …), which we did not ask for
  too_many_redirects,    ///< more than were allowed, or one that leads out of https
  too_many_provisional,  ///< 1xx after 1xx
};

const std::error_category& category();
std::error_code make_error_code(Errc code);

/// The status code of a refusal; 400 for what is no Errc of ours, 408 for std::errc::timed_out.
unsigned status_for(const std::error_code& error);

}  // namespace mailpod::http

template <>
struct std::is_error_code_enum<mailpod::http::Errc> : std::true_type {};
