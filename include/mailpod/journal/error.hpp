#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::journal {

enum class Errc {
  no_journal = 1,   ///< the folder holds no segment
  wrong_key,        ///< nothing in it opens under this key and owner
  unknown_version,  ///< written by a newer Mailpod
  damaged,          ///< an octet on disk is not what was written
  too_long,         ///< a payload above max_payload
};
const boost::system::error_category& journal_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), journal_category()};
}

}  // namespace mailpod::journal

template <>
struct boost::system::is_error_code_enum<mailpod::journal::Errc> : std::true_type {};
