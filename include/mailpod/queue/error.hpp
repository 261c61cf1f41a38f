#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::queue {

enum class Errc {
  no_such_entry = 1,
  damaged,          ///< an octet on disk is not what was written, or another server key wrote it
  unknown_version,  ///< written by a later version of this program
  not_suppressed,
  too_many_suppressed,
  policy_untrusted,  ///< a domain's web server has not shown that it is
  policy_refused,    ///< it has answered with something else than a policy
};
const boost::system::error_category& queue_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), queue_category()};
}

}  // namespace mailpod::queue

template <>
struct boost::system::is_error_code_enum<mailpod::queue::Errc> : std::true_type {};
