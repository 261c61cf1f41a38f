#pragma once

#include <boost/system/error_code.hpp>

namespace mailpod::crypto {

/// Why octets were refused. Nothing here tells an attacker more than the refusal itself.
enum class Errc {
  not_authentic = 1,  ///< a seal does not open: wrong key, wrong associated data or changed octets
  malformed_key,      ///< not a key of the expected kind and length
  // minisign
  byte_order_mark,        ///< the file begins with U+FEFF
  carriage_return,        ///< lines must end in LF alone
  missing_line,           ///< fewer lines than the format has
  extra_line,             ///< octets after the format's last line
  bad_comment,            ///< a comment line without its prefix, too long, or with control characters
  bad_base64,             ///< not the one canonical base64 form
  bad_length,             ///< base64 of the wrong number of octets
  unknown_algorithm,      ///< an algorithm that minisign does not define
  legacy_algorithm,       ///< signed without hashing first ("Ed"), which is no longer accepted
  wrong_key,              ///< made by another key than the one asked about
  bad_signature,          ///< the content is not what was signed
  bad_comment_signature,  ///< the trusted comment is not what was signed
  bad_checksum,           ///< a secret key file is damaged, or its passphrase is wrong
  passphrase_needed,      ///< the secret key file is encrypted
  excessive_work,         ///< the secret key file asks for more memory or time than we grant
  // age
  unsupported_version,  ///< not age-encryption.org/v1
  malformed_header,     ///< the header breaks a rule of the format
  header_too_long,      ///< more octets of header than the caller grants
  too_many_stanzas,     ///< more recipient stanzas than the caller grants
  no_match,             ///< no stanza is for this identity
  bad_header_mac,       ///< the header was changed
  bad_payload,          ///< a chunk was changed, moved, cut off or added
  bad_bech32,           ///< not the Bech32 form of an age recipient or identity
  // spool
  spool_full,  ///< the letter is larger than its limit
};

const boost::system::error_category& error_category();
boost::system::error_code make_error_code(Errc);

}  // namespace mailpod::crypto

template <>
struct boost::system::is_error_code_enum<mailpod::crypto::Errc> : std::true_type {};
