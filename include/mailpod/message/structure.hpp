#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/message/error.hpp>
#include <mailpod/message/header_values.hpp>

/// What a message is made of: values that IMAP's ENVELOPE, BODYSTRUCTURE and section fetches are answered from without
/// opening the message. Made by Scanner; stored in the journal by encode().
namespace mailpod::message {

/// Octets of the message from `begin` to before `end`, counted from the message's first octet.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// The fields of RFC 9051 §7.5.2 (ENVELOPE), as raw unfolded octets: encoded words are not decoded. Absent is NIL.
struct Envelope {
  std::optional<std::string> date;
  std::optional<std::string> subject;
  std::vector<EnvelopeAddress> from;
  std::vector<EnvelopeAddress> sender;
  std::vector<EnvelopeAddress> reply_to;
  std::vector<EnvelopeAddress> to;
  std::vector<EnvelopeAddress> cc;
  std::vector<EnvelopeAddress> bcc;
  std::optional<std::string> in_reply_to;
  std::optional<std::string> message_id;  ///< with its angle brackets

  /// What ENVELOPE shows: the From addresses where the field is absent or empty.
  const std::vector<EnvelopeAddress>& shown_sender() const { return sender.empty() ? from : sender; }
  const std::vector<EnvelopeAddress>& shown_reply_to() const { return reply_to.empty() ? from : reply_to; }
  friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// One parameter of Content-Type or Content-Disposition, its continuations joined. RFC 2045 §5.1, RFC 2231.
struct Parameter {
  std::string name;       ///< lower case, without `*`
  std::string value;      ///< unquoted, percent-decoded if extended; octets in `charset`
  std::string charset;    ///< as RFC 2231 §4 named it; empty if it did not
  std::string language;   ///< likewise
  bool extended = false;  ///< was written in the extended form of RFC 2231 §4

  /// What BODYSTRUCTURE shows (RFC 2231 §7): `name`, or `name*` for an extended one.
  std::string shown_name() const { return extended ? name + '*' : name; }
  /// The value, or `charset'language'percent-encoded` for an extended one.
  std::string shown_value() const;
  /// The value as UTF-8, by its charset; RFC 2047 words inside quotes, which some clients send, are decoded as well.
  std::string text() const;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// The parameter called `name` (lower case); nullptr if there is none.
const Parameter* find_parameter(std::span<const Parameter> parameters, std::string_view name);

/// RFC 2183.
struct Disposition {
  std::string type;  ///< lower case, for example `attachment`
  std::vector<Parameter> parameters;
  friend bool operator==(const Disposition&, const Disposition&) = default;
};

/// One entity of RFC 2045 §2.4: the message itself, a part of a multipart, or the message inside a message/rfc822 part.
///
/// Always usable, whatever was sent: an unreadable Content-Type, a multipart without boundary and whatever lies beyond
/// the Scanner's limits is text/plain; a multipart has at least one child; a message/rfc822 or message/global part has
/// exactly one child (the root entity of the message inside) and an envelope.
/// `header.end == body.begin`; children lie within their parent's body, in order, without overlap.
struct Part {
  std::string type = "text";      ///< lower case
  std::string subtype = "plain";  ///< lower case
  std::vector<Parameter> parameters;
  std::optional<std::string> content_id;   ///< raw, with angle brackets
  std::optional<std::string> description;  ///< raw
  std::string transfer_encoding = "7bit";  ///< lower case token
  std::optional<std::string> md5;          ///< RFC 1864
  std::optional<Disposition> disposition;
  std::vector<std::string> language;    ///< RFC 3282
  std::optional<std::string> location;  ///< RFC 2557, unfolded

  Range header;             ///< with its blank line; empty if the entity has no header
  Range body;               ///< without the line end that belongs to the next boundary
  std::uint64_t lines = 0;  ///< line feeds in the body
  std::optional<Envelope> envelope;
  std::vector<Part> children;

  bool is_multipart() const { return type == "multipart"; }
  bool holds_message() const { return envelope.has_value(); }
  friend bool operator==(const Part&, const Part&) = default;
};

struct Structure {
  std::uint64_t size = 0;  ///< octets of the whole message
  Envelope envelope;
  std::optional<Date> sent;  ///< the Date field, if it could be read
  /// Message ids of References, without angle brackets, oldest first: of a long list the first and the newest.
  std::vector<std::string> references;
  Part root;
  friend bool operator==(const Structure&, const Structure&) = default;
};

/// What a section fetch asks of the part it names. RFC 9051 §6.4.5.1.
enum class SectionText {
  content,  ///< nothing after the numbers: the body of the part
  header,   ///< HEADER
  text,     ///< TEXT
  mime,     ///< MIME
};

/// The entity that section numbers name (`1.2` is {1, 2}; {} is the message itself); nullptr if there is none.
const Part* part_for(const Structure& structure, std::span<const std::uint32_t> section);

/// The octets that a section names: `BODY[]` is {} with content, `BODY[2.HEADER]` is {2} with header. Nothing if the
/// message has no such section: no such part, or HEADER and TEXT of a part that holds no message, or MIME without
/// numbers.
std::optional<Range> range_for(const Structure& structure, std::span<const std::uint32_t> section, SectionText what);

/// Octets of one encoded Structure that the journal takes into a message's record; larger ones are scanned again on
/// demand.
inline constexpr std::size_t encoded_structure_limit = 32 * 1024;

/// The stored form; docs/structure-format.md, frozen. Linear.
std::string encode(const Structure& structure);
/// The same, unless it would be longer than `limit` octets: then Errc::too_large, early.
Result<std::string> encode_within(const Structure& structure, std::size_t limit = encoded_structure_limit);
/// Errors: Errc::malformed_structure, Errc::unknown_version. Never gives a Structure that breaks the promises of Part.
Result<Structure> decode(std::string_view octets);

}  // namespace mailpod::message
