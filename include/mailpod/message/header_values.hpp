#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>

/// The values that stand in header fields: addresses, dates, message ids, encoded text. RFC 5322, RFC 2047, RFC 6532.
///
/// Everything here takes the octets after the colon, folded or not, of any length and any content, in linear time.
namespace mailpod::message {

/// One element of an address list as IMAP's ENVELOPE tells it. RFC 9051 §7.5.2.
///
/// Octets as in the header, with quoting and comments removed but encoded words left as they are. Absent is NIL.
/// The start of a group has only a mailbox (the group's name), its end has nothing at all.
struct EnvelopeAddress {
  std::optional<std::string> name;     ///< phrase, or else the comment beside the address
  std::optional<std::string> adl;      ///< obsolete source route `@a,@b`
  std::optional<std::string> mailbox;  ///< local part, unquoted
  std::optional<std::string> host;     ///< domain or `[literal]`; empty where an address has no domain

  bool starts_group() const { return mailbox && !host; }
  bool ends_group() const { return !mailbox && !host; }
  friend bool operator==(const EnvelopeAddress&, const EnvelopeAddress&) = default;
};

/// A mailbox somebody can be written to.
struct Address {
  std::string name;     ///< display name, UTF-8, encoded words decoded; may be empty
  std::string mailbox;  ///< local part, unquoted, octets as written
  std::string host;     ///< domain as written (neither lower-cased nor IDNA-converted), or `[literal]`; never empty

  /// `mailbox@host`, the local part quoted where RFC 5321 §4.1.2 demands it.
  std::string address() const;
  friend bool operator==(const Address&, const Address&) = default;
};

/// What an address list said, and how well. Whoever decides on a From field asks for well_formed, one address, no
/// group.
struct AddressList {
  std::vector<Address> addresses;  ///< in order, members of groups included; elements without a domain left out
  bool well_formed = true;         ///< the field follows RFC 5322 (obsolete forms and UTF-8 included) entirely
  bool has_group = false;
  bool truncated = false;  ///< more addresses than the limit
};

/// Reads an address list of RFC 5322 §3.4, §4.4 and RFC 6532; malformed elements are skipped to the next comma.
AddressList parse_address_list(std::string_view value, std::size_t max_addresses = 1000);

/// The same for ENVELOPE; gives at most `max_addresses` elements.
std::vector<EnvelopeAddress> parse_envelope_addresses(std::string_view value, std::size_t max_addresses = 1000);

/// A point in time and the zone its writer named.
struct Date {
  base::Time time;               ///< whole seconds
  std::chrono::minutes zone{0};  ///< east of UTC, −23:59 … +23:59

  friend bool operator==(const Date&, const Date&) = default;
};

/// Reads a date-time, obsolete zones, two-digit years and comments included. RFC 5322 §3.3, §4.3.
/// Errors: Errc::malformed_date.
Result<Date> parse_date(std::string_view value);

/// `Mon, 23 Nov 2026 13:32:00 +0000`. RFC 5322 §3.3. Years 1900 to 9999; others are clamped.
std::string write_date(const Date& date);

/// The text of an unstructured value as UTF-8: unfolded, encoded words decoded, octets that are no UTF-8 replaced.
std::string decode_header_value(std::string_view value);

/// The message ids in a value (Message-ID, In-Reply-To, References), without angle brackets, in order; at most `max`.
std::vector<std::string> parse_message_ids(std::string_view value, std::size_t max = 100);

}  // namespace mailpod::message
