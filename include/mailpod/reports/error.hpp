#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::reports {

enum class Errc {
  no_report = 1,  ///< nothing in it is a report of a kind that we know
  malformed,      ///< it says that it is one, and cannot be read
  too_big,        ///< beyond the limits; a small archive may hold very much
};
const boost::system::error_category& reports_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), reports_category()};
}

}  // namespace mailpod::reports

template <>
struct boost::system::is_error_code_enum<mailpod::reports::Errc> : std::true_type {};
