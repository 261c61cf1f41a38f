#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/message/error.hpp>
#include <mailpod/message/header_values.hpp>

/// Changes to the header of a message in transit: everything that is not named stays as it was, octet for octet.
namespace mailpod::message {

/// What to change in one header.
struct HeaderEdit {
  /// Fields to remove, names in any case: `Bcc` at submission, `Return-Path` and `Delivered-To` at arrival.
  std::vector<std::string> remove;
  /// Remove Authentication-Results fields that claim this authserv-id (RFC 8601 §5), and those whose id cannot be read;
  /// empty removes none.
  std::string forged_authserv_id;
  /// Written before everything else; whole fields with their CRLF, as the functions below make them.
  std::string prepend;
  /// Added at the header's end if no field of that name is there; values, empty adds none. RFC 6409 §8.
  std::string date_if_missing;        ///< as write_date() gives it
  std::string message_id_if_missing;  ///< with its angle brackets, as make_message_id() gives it

  /// The new header for the octets from the message's first to after its blank line. A header without blank line (a
  /// message that ends with its header) gets one.
  /// Errors: Errc::too_large if the header is longer than `limit` octets.
  Result<std::string> apply(std::string_view header, std::size_t limit = 1024 * 1024) const;
};

/// The length of the header in octets, with its blank line, if it ends within `octets`; npos if it does not.
std::size_t header_length(std::string_view octets);

/// `<random@domain>`: 128 random bits. RFC 5322 §3.6.4.
std::string make_message_id(base::Entropy& entropy, std::string_view domain);

/// The parts of a trace field. RFC 5321 §4.4. Empty strings are left out; everything else is checked or escaped: octets
/// that could end the field, the comment or the clause become `?`.
struct Received {
  std::string helo;         ///< what the client called itself: `from` clause
  std::string client_name;  ///< its verified host name; empty if unknown
  std::string client_ip;    ///< textual IPv4 or IPv6
  std::string by;           ///< our host name
  std::string protocol;     ///< `ESMTPSA`, RFC 3848
  std::string tls;          ///< free text for a comment, for example `TLS1.3 TLS_AES_256_GCM_SHA384`
  std::string id;           ///< ours
  std::string for_address;  ///< the one recipient; must be empty with several, who may not learn of each other
  Date date;
};

/// `Received: …` folded at 78 octets where it can be, CRLF at the end.
std::string write_received(const Received& received);
/// `Return-Path: <path>`; the empty path is `<>`. A path with octets unfit for a header gives Errc::unsafe_value.
Result<std::string> write_return_path(std::string_view reverse_path);
/// `Delivered-To: address`. Errors: Errc::unsafe_value.
Result<std::string> write_delivered_to(std::string_view address);
/// Any other field: the value is folded at spaces; CR, LF, NUL and other control octets in it become spaces.
std::string write_field(std::string_view name, std::string_view value);

}  // namespace mailpod::message
