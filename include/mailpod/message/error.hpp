#pragma once

#include <type_traits>

#include <boost/system/error_code.hpp>

namespace mailpod::message {

/// Why a message, or a stored Structure, gives no answer.
enum class Errc {
  malformed_date = 1,   ///< not a date-time of RFC 5322 §3.3 or §4.3
  malformed_address,    ///< not an address list of RFC 5322 §3.4 or §4.4
  malformed_structure,  ///< stored octets that no encode() wrote
  unknown_version,      ///< a stored Structure of a version this program does not know
  too_large,            ///< beyond the limit the caller gave
  unsafe_value,         ///< a value that cannot stand in a header field without changing its meaning
};

const boost::system::error_category& category();

inline boost::system::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), category()};
}

}  // namespace mailpod::message

template <>
struct boost::system::is_error_code_enum<mailpod::message::Errc> : std::true_type {};
