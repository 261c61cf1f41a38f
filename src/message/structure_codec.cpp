#include <algorithm>
#include <limits>
#include <utility>

#include <mailpod/base/bytes.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::message {
namespace {

// docs/structure-format.md. These numbers are on disks: never renumber, never reuse.
constexpr std::uint8_t version = 1;
namespace tag {
enum Envelope : std::uint8_t {
  date = 1,
  subject = 2,
  from = 3,
  sender = 4,
  reply_to = 5,
  to = 6,
  cc = 7,
  bcc = 8,
  in_reply_to = 9,
  message_id = 10,
};
enum Address : std::uint8_t { name = 1, adl = 2, mailbox = 4, host = 8 };  // bits
enum Part : std::uint8_t {
  type = 1,
  subtype = 2,
  parameters = 3,
  content_id = 4,
  description = 5,
  transfer_encoding = 6,
  md5 = 7,
  disposition = 8,
  disposition_parameters = 9,
  language = 10,
  location = 11,
  envelope = 12,
};
}  // namespace tag

/// Deeper trees are not written by any Scanner::Settings in use; a stored one that claims more is damaged.
constexpr std::size_t max_depth = 256;

using base::Decoder;
using base::Encoder;

void put(Encoder& out, std::uint8_t tag, const std::optional<std::string>& value) {
  if (value) out.field(tag, *value);
}

void put(Encoder& out, std::uint8_t tag, const std::vector<EnvelopeAddress>& addresses) {
  if (addresses.empty()) return;
  Encoder list;
  for (const EnvelopeAddress& each : addresses) {
    const unsigned present = (each.name ? tag::name : 0U) | (each.adl ? tag::adl : 0U) |
                             (each.mailbox ? tag::mailbox : 0U) | (each.host ? tag::host : 0U);
    list.u8(static_cast<std::uint8_t>(present));
    for (const auto* value : {&each.name, &each.adl, &each.mailbox, &each.host}) {
      if (*value) list.var(**value);
    }
  }
  out.field(tag, list.str());
}

void put(Encoder& out, std::uint8_t tag, const std::vector<Parameter>& parameters) {
  if (parameters.empty()) return;
  Encoder list;
  for (const Parameter& each : parameters) {
    list.u8(each.extended ? 1 : 0).var(each.name).var(each.value);
    if (each.extended) list.var(each.charset).var(each.language);
  }
  out.field(tag, list.str());
}

void put(Encoder& out, std::uint8_t tag, const std::vector<std::string>& values) {
  if (values.empty()) return;
  Encoder list;
  for (const std::string& each : values) list.var(each);
  out.field(tag, list.str());
}

std::string encode_envelope(const Envelope& envelope) {
  Encoder out;
  put(out, tag::date, envelope.date);
  put(out, tag::subject, envelope.subject);
  put(out, tag::from, envelope.from);
  put(out, tag::sender, envelope.sender);
  put(out, tag::reply_to, envelope.reply_to);
  put(out, tag::to, envelope.to);
  put(out, tag::cc, envelope.cc);
  put(out, tag::bcc, envelope.bcc);
  put(out, tag::in_reply_to, envelope.in_reply_to);
  put(out, tag::message_id, envelope.message_id);
  return out.take();
}

std::string encode_fields(const Part& part) {
  Encoder out;
  out.field(tag::type, part.type).field(tag::subtype, part.subtype);
  put(out, tag::parameters, part.parameters);
  put(out, tag::content_id, part.content_id);
  put(out, tag::description, part.description);
  out.field(tag::transfer_encoding, part.transfer_encoding);
  put(out, tag::md5, part.md5);
  if (part.disposition) {
    out.field(tag::disposition, part.disposition->type);
    put(out, tag::disposition_parameters, part.disposition->parameters);
  }
  put(out, tag::language, part.language);
  put(out, tag::location, part.location);
  if (part.envelope) out.field(tag::envelope, encode_envelope(*part.envelope));
  return out.take();
}

/// False as soon as `out` is longer than `limit`.
bool encode_part(Encoder& out, const Part& part, std::size_t limit) {
  out.u64(part.header.begin).u64(part.header.end).u64(part.body.end).u64(part.lines);
  out.var(encode_fields(part));
  out.u32(static_cast<std::uint32_t>(part.children.size()));
  if (out.str().size() > limit) return false;
  return std::ranges::all_of(part.children, [&](const Part& child) { return encode_part(out, child, limit); });
}

// Reading.

std::vector<EnvelopeAddress> read_addresses(Decoder in, bool& ok) {
  std::vector<EnvelopeAddress> addresses;
  while (!in.at_end()) {
    EnvelopeAddress each;
    const unsigned present = in.u8();
    if (present > 15U) in.fail();
    if ((present & tag::name) != 0) each.name = in.var();
    if ((present & tag::adl) != 0) each.adl = in.var();
    if ((present & tag::mailbox) != 0) each.mailbox = in.var();
    if ((present & tag::host) != 0) each.host = in.var();
    addresses.push_back(std::move(each));
  }
  ok &= in.ok();
  return addresses;
}

std::vector<Parameter> read_parameters(Decoder in, bool& ok) {
  std::vector<Parameter> parameters;
  while (!in.at_end()) {
    Parameter each;
    const std::uint8_t extended = in.u8();
    if (extended > 1) in.fail();
    each.extended = extended == 1;
    each.name = in.var();
    each.value = in.var();
    if (each.extended) {
      each.charset = in.var();
      each.language = in.var();
    }
    parameters.push_back(std::move(each));
  }
  ok &= in.ok();
  return parameters;
}

std::vector<std::string> read_strings(Decoder in, bool& ok) {
  std::vector<std::string> values;
  while (!in.at_end()) values.emplace_back(in.var());
  ok &= in.ok();
  return values;
}

Envelope read_envelope(Decoder in, bool& ok) {
  Envelope envelope;
  while (const auto field = in.field()) {
    switch (field->tag) {
      case tag::date:
        envelope.date = field->value;
        break;
      case tag::subject:
        envelope.subject = field->value;
        break;
      case tag::from:
        envelope.from = read_addresses(Decoder(field->value), ok);
        break;
      case tag::sender:
        envelope.sender = read_addresses(Decoder(field->value), ok);
        break;
      case tag::reply_to:
        envelope.reply_to = read_addresses(Decoder(field->value), ok);
        break;
      case tag::to:
        envelope.to = read_addresses(Decoder(field->value), ok);
        break;
      case tag::cc:
        envelope.cc = read_addresses(Decoder(field->value), ok);
        break;
      case tag::bcc:
        envelope.bcc = read_addresses(Decoder(field->value), ok);
        break;
      case tag::in_reply_to:
        envelope.in_reply_to = field->value;
        break;
      case tag::message_id:
        envelope.message_id = field->value;
        break;
      default:
        ok = false;
    }
  }
  ok &= in.ok();
  return envelope;
}

void read_fields(Decoder in, Part& part, bool& ok) {
  while (const auto field = in.field()) {
    switch (field->tag) {
      case tag::type:
        part.type = field->value;
        break;
      case tag::subtype:
        part.subtype = field->value;
        break;
      case tag::parameters:
        part.parameters = read_parameters(Decoder(field->value), ok);
        break;
      case tag::content_id:
        part.content_id = field->value;
        break;
      case tag::description:
        part.description = field->value;
        break;
      case tag::transfer_encoding:
        part.transfer_encoding = field->value;
        break;
      case tag::md5:
        part.md5 = field->value;
        break;
      case tag::disposition:
        part.disposition = Disposition{std::string(field->value), {}};
        break;
      case tag::disposition_parameters:
        if (!part.disposition)
          ok = false;
        else
          part.disposition->parameters = read_parameters(Decoder(field->value), ok);
        break;
      case tag::language:
        part.language = read_strings(Decoder(field->value), ok);
        break;
      case tag::location:
        part.location = field->value;
        break;
      case tag::envelope:
        part.envelope = read_envelope(Decoder(field->value), ok);
        break;
      default:
        ok = false;
    }
  }
  ok &= in.ok();
}

/// The promises of Part about a node and its place in `parent`; `from` is where the sibling before it ends.
bool keeps_promises(const Part& part, std::uint32_t children, const Range& parent, std::uint64_t from) {
  if (part.header.begin < from || part.header.end < part.header.begin) return false;
  if (part.body.end < part.body.begin || part.body.end > parent.end || part.lines > part.body.size()) return false;
  const bool is_message = part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
  if (part.holds_message() != is_message) return false;
  if (is_message) return children == 1;
  return part.is_multipart() ? children >= 1 : children == 0;
}

/// Fewest octets of one part: its offsets, the length of its fields, the count of its children.
constexpr std::size_t least_part = 4 * 8 + 4 + 4;

Part read_part(Decoder& in, const Range& parent, std::uint64_t from, std::size_t depth, bool& ok) {
  Part part;
  part.header.begin = in.u64();
  part.header.end = in.u64();
  part.body = {part.header.end, in.u64()};
  part.lines = in.u64();
  read_fields(Decoder(in.var()), part, ok);
  const std::uint32_t children = in.u32();
  ok &=
      in.ok() && depth > 0 && children <= in.rest().size() / least_part && keeps_promises(part, children, parent, from);
  if (!ok) return part;
  part.children.reserve(children);
  std::uint64_t end_of_last = part.body.begin;
  for (std::uint32_t i = 0; i < children && ok; ++i) {
    part.children.push_back(read_part(in, part.body, end_of_last, depth - 1, ok));
    end_of_last = part.children.back().body.end;
  }
  return part;
}

}  // namespace

Result<std::string> encode_within(const Structure& structure, std::size_t limit) {
  Encoder out;
  out.u8(version).u64(structure.size);
  out.u8(structure.sent ? 1 : 0);
  if (structure.sent) {
    // Both may be negative and are stored as two's complement.
    out.u64(static_cast<std::uint64_t>(structure.sent->time.time_since_epoch().count()));
    out.u16(static_cast<std::uint16_t>(structure.sent->zone.count()));
  }
  out.var(encode_envelope(structure.envelope));
  Encoder references;
  for (const std::string& each : structure.references) references.var(each);
  out.var(references.str());
  if (!encode_part(out, structure.root, limit)) return Errc::too_large;
  return out.take();
}

std::string encode(const Structure& structure) {
  return encode_within(structure, std::numeric_limits<std::size_t>::max()).value();
}

Result<Structure> decode(std::string_view octets) {
  Decoder in(octets);
  if (in.u8() != version) return octets.empty() ? Errc::malformed_structure : Errc::unknown_version;
  bool ok = true;
  Structure structure;
  structure.size = in.u64();
  const std::uint8_t has_sent = in.u8();
  if (has_sent > 1) return Errc::malformed_structure;
  if (has_sent == 1) {
    const std::chrono::microseconds since_epoch(static_cast<std::int64_t>(in.u64()));
    structure.sent = Date{base::Time(since_epoch), std::chrono::minutes(static_cast<std::int16_t>(in.u16()))};
  }
  structure.envelope = read_envelope(Decoder(in.var()), ok);
  structure.references = read_strings(Decoder(in.var()), ok);
  structure.root = read_part(in, {0, structure.size}, 0, max_depth, ok);
  const bool covers_message = structure.root.header.begin == 0 && structure.root.body.end == structure.size;
  if (!ok || !in.ok() || !in.at_end() || !covers_message) return Errc::malformed_structure;
  return structure;
}

}  // namespace mailpod::message
