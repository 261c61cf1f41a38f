#pragma once

#include <memory>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/structure.hpp>

/// Messages in the form that a transport takes. RFC 6152 §3, RFC 3030 §3, RFC 2045 §6.
namespace mailpod::message {

/// What a server takes.
enum class Transport {
  seven_bit,  ///< octets up to 127, lines
  eight_bit,  ///< any octets but NUL, lines: 8BITMIME
};

/// The message with its parts encoded anew where this transport could not carry them: text as quoted-printable,
/// anything else as base64, the parts of enclosed messages too; the labels around them follow. For seven bits also
/// header fields with UTF-8 as it is, where encoded words can say the same: Subject, Comments, Content-Description and
/// the names in lists of addresses. nullptr if nothing had to be changed.
///
/// Nothing is lost: every part decodes to the octets it had. Therefore some things stay as they were, and whoever sends
/// the result must look at it again: what is within multipart/signed and multipart/encrypted (RFC 1847 §2.1), bodies
/// of message types that take no encoding (RFC 2046 §5.2), preambles, other header fields, what lies beyond the
/// Scanner's limits, parts whose encoding is a lie. Signatures over the whole message do break (RFC 6376 §5.3): sign
/// afterwards.
///
/// Reads the message twice and changes nothing; `message` is borrowed by the result. In memory are the Structure and
/// what is written anew in headers, at most 2 MiB; bodies are encoded as they are read, which costs little as long as
/// they are read in order. Linear. Disk: on the pool. What `message` throws comes through.
std::unique_ptr<base::OctetSource> converted_for(Transport transport, const base::OctetSource& message);

/// It has octets above 127.
bool has_eight_bit(const base::OctetSource& message);
/// Some header of `message`, also of a part or of an enclosed message, has octets above 127: it needs SMTPUTF8.
/// RFC 6532 §3.
bool has_eight_bit_header(const base::OctetSource& message);

}  // namespace mailpod::message
