#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::members {

enum class Errc {
  damaged = 1,      ///< a slot, or the directory, is not what was written
  wrong_secret,     ///< the secret opens no slot of the member
  mistyped_secret,  ///< the check character of a code or app password does not match: typed wrongly, nothing was tried
  not_a_member,     ///< no such name, or not in the directory
  address_taken,
  bad_address,  ///< not local-part@domain as the directory keeps it
  domain_not_served,
  already_enrolled,
  not_enrolled,
  no_card,  ///< admitted, but the enrolment code has to be issued anew
  too_many_slots,
  no_such_slot,
  last_slot,  ///< revoking it would lock the member out for ever
  weak_password,
  nothing_chosen,     ///< an enrolment without password and app password
  busy,               ///< too many password checks are waiting
  bad_name,           ///< a slot's name is too long or has control characters
  domain_in_use,      ///< somebody has an address there, or it is the pod's own
  not_a_group,        ///< no group of that address
  stays_here,         ///< mail cannot be forwarded to an address of the pod itself
  code_needed = 30,   ///< the password's member asked for a second factor: a one-time code is wanted with it
  wrong_code,         ///< neither a one-time code of now that was not used before, nor a back-up code
  too_many_codes,     ///< wrong ones of late; also right ones are refused for a while
  not_permitted,      ///< the secret may do less than what is asked
  for_recovery_only,  ///< a recovery code makes a new password or a new code, nothing else
  password_needed,    ///< only the human password can do it
  bad_expiry,         ///< a slot's end that is not in the future
};
const boost::system::error_category& members_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), members_category()};
}

}  // namespace mailpod::members

template <>
struct boost::system::is_error_code_enum<mailpod::members::Errc> : std::true_type {};
