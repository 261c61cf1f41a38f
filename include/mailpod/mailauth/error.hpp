#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::mailauth {

/// Why something cannot be signed, or a key not be used as asked.
enum class Errc {
  header_too_long = 1,  ///< more octets of header than the caller grants
  no_such_key,          ///< no key of this domain has this selector
  damaged,              ///< an octet on disk is not what was written, or another server key wrote it
  unknown_version,      ///< written by a later version of this program
  not_prepared,         ///< only a prepared key can be activated
  not_active,           ///< only an active key can be retired
  not_retired,          ///< an active key is retired before it is removed
  last_of_its_kind,     ///< without it nothing would be signed by its algorithm
  still_needed,         ///< signatures it has made are still valid
};
const boost::system::error_category& mailauth_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), mailauth_category()};
}

}  // namespace mailpod::mailauth

template <>
struct boost::system::is_error_code_enum<mailpod::mailauth::Errc> : std::true_type {};
