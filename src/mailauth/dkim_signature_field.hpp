#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/dkim_key.hpp>

namespace mailpod::mailauth {

/// Whose field it is: ARC's is DKIM's without a version, and `i=` numbers it. RFC 8617 §4.1.2.
enum class SignatureKind { dkim, arc_message };

/// What a DKIM-Signature or ARC-Message-Signature field says. RFC 6376 §3.5.
struct DkimSignatureField {
  std::string domain;                  ///< `d=`, lower case; a host name, or empty where it cannot be read
  std::string selector;                ///< `s=`, lower case; labels, or empty
  unsigned instance = 0;               ///< `i=` of ARC; 0: it cannot be read
  std::string identity;                ///< `i=`: the domain in it, lower case
  std::string algorithm_name;          ///< `a=`, letters, digits and dashes alone
  std::optional<Algorithm> algorithm;  ///< nothing: one that we do not verify
  Canonicalization header_form = Canonicalization::simple;
  Canonicalization body_form = Canonicalization::simple;
  std::vector<std::string> names;              ///< `h=`
  std::string body_hash;                       ///< `bh=`, octets
  std::string signature;                       ///< `b=`, octets
  std::string signature_begin;                 ///< `b=` as written, its first eight characters
  std::optional<std::uint64_t> made, expires;  ///< seconds since 1970
  bool covers_part = false;                    ///< `l=`
  std::string unsigned_field;                  ///< the field without the value of `b=`: what was hashed. RFC 6376 §3.7

  /// Why it proves nothing, in words of ours; empty: it may. RFC 6376 §6.1.1.
  std::string_view fault;
};

/// Reads a whole field, name and line end included. What can be read is there also where there is a fault.
DkimSignatureField parse_dkim_signature_field(std::string_view field, SignatureKind kind = SignatureKind::dkim);

}  // namespace mailpod::mailauth
