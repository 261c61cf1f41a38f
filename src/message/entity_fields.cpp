#include "entity_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <mailpod/text/ascii.hpp>

#include "address_list.hpp"
#include "parameters.hpp"
#include "unstructured.hpp"

namespace mailpod::message {
namespace {

struct Name {
  std::string_view name;
  KnownField field;
};
constexpr std::array names = {
    Name{"date", KnownField::date},
    Name{"subject", KnownField::subject},
    Name{"from", KnownField::from},
    Name{"sender", KnownField::sender},
    Name{"reply-to", KnownField::reply_to},
    Name{"to", KnownField::to},
    Name{"cc", KnownField::cc},
    Name{"bcc", KnownField::bcc},
    Name{"in-reply-to", KnownField::in_reply_to},
    Name{"message-id", KnownField::message_id},
    Name{"references", KnownField::references},
    Name{"content-type", KnownField::content_type},
    Name{"content-transfer-encoding", KnownField::content_transfer_encoding},
    Name{"content-id", KnownField::content_id},
    Name{"content-description", KnownField::content_description},
    Name{"content-disposition", KnownField::content_disposition},
    Name{"content-language", KnownField::content_language},
    Name{"content-location", KnownField::content_location},
    Name{"content-md5", KnownField::content_md5},
    Name{"received", KnownField::received},
    Name{"return-path", KnownField::return_path},
    Name{"delivered-to", KnownField::delivered_to},
};

/// The longest media type or subtype that is believed (RFC 6838 §4.2 allows 127).
constexpr std::size_t max_type = 127;

/// A token after CFWS, lower case; empty if there is none or it is too long to be one.
std::string take_token(Lexer& lexer) {
  lexer.skip_cfws();
  const auto token = lexer.in.take_while(octets::token);
  return token.size() > max_type ? std::string() : text::lower(token);
}

std::size_t size_of(const EnvelopeAddress& address) {
  const auto length = [](const std::optional<std::string>& value) { return value ? value->size() : 0; };
  return sizeof address + length(address.name) + length(address.adl) + length(address.mailbox) + length(address.host);
}

}  // namespace

KnownField known_field_for(std::string_view name) {
  for (const Name& known : names) {
    if (known.name.size() == name.size() && text::equal_fold(known.name, name)) return known.field;
  }
  return KnownField::none;
}

void EntityFields::set(std::optional<std::string>& field, std::string_view value) {
  if (field) return;
  std::string kept = unfolded(value);
  if (kept_.take(kept.size())) field = std::move(kept);
}

void EntityFields::add(std::vector<EnvelopeAddress>& addresses, std::string_view value) {
  const std::size_t limit = settings_.addresses - std::min(settings_.addresses, addresses.size());
  for (EnvelopeAddress& address : parse_envelope_addresses(value, kept_.room_for(sizeof(EnvelopeAddress), limit))) {
    if (!kept_.take(size_of(address))) return;
    addresses.push_back(std::move(address));
  }
}

std::vector<Parameter> EntityFields::parameters(Lexer& lexer) {
  auto parameters = parse_parameters(lexer, kept_.room_for(sizeof(Parameter), settings_.parameters));
  std::size_t size = 0;
  for (const Parameter& each : parameters)
    size += sizeof each + each.name.size() + each.value.size() + each.charset.size();
  if (!kept_.take(size)) parameters.clear();
  return parameters;
}

void EntityFields::take_content_type(EntityHeader& header, std::string_view value) {
  if (header.has_content_type) return;
  header.has_content_type = true;
  header.part.type = "text";
  header.part.subtype = "plain";
  Lexer lexer(value);
  std::string type = take_token(lexer);
  lexer.skip_cfws();
  if (type.empty() || !lexer.in.take('/')) return;  // RFC 2045 §5.2: then it is text/plain
  std::string subtype = take_token(lexer);
  if (subtype.empty()) return;
  header.part.type = std::move(type);
  header.part.subtype = std::move(subtype);
  header.part.parameters = parameters(lexer);
}

void EntityFields::take_disposition(Part& part, std::string_view value) {
  if (part.disposition) return;
  Lexer lexer(value);
  std::string type = take_token(lexer);
  if (type.empty()) return;
  part.disposition = Disposition{std::move(type), parameters(lexer)};
}

void EntityFields::take_content_field(EntityHeader& header, KnownField field, std::string_view value) {
  Part& part = header.part;
  switch (field) {
    case KnownField::content_type:
      return take_content_type(header, value);
    case KnownField::content_disposition:
      return take_disposition(part, value);
    case KnownField::content_id:
      return set(part.content_id, value);
    case KnownField::content_description:
      return set(part.description, value);
    case KnownField::content_md5:
      return set(part.md5, value);
    case KnownField::content_location: {
      if (!part.location) set(part.location, value);
      // RFC 2557 §4.4.2: the white space of folding is no part of the URI.
      if (part.location) std::erase_if(*part.location, [](char octet) { return octets::fws.contains(octet); });
      return;
    }
    case KnownField::content_transfer_encoding: {
      if (header.has_transfer_encoding) return;
      header.has_transfer_encoding = true;
      Lexer lexer(value);
      if (std::string token = take_token(lexer); !token.empty()) part.transfer_encoding = std::move(token);
      return;
    }
    case KnownField::content_language: {
      if (std::exchange(header.has_language, true)) return;
      Lexer lexer(value);
      do {
        std::string tag = take_token(lexer);
        if (!tag.empty() && part.language.size() < settings_.parameters && kept_.take(sizeof tag + tag.size())) {
          part.language.push_back(std::move(tag));
        }
        lexer.skip_cfws();
      } while (lexer.in.take(','));
      return;
    }
    default:
      return;
  }
}

void EntityFields::take_references(EntityHeader& header, std::string_view value) {
  if (!header.references.empty() || settings_.references < 2) return;
  // Of a long thread the first message and the newest ones say where this one belongs.
  std::vector<std::string> newest(settings_.references - 1);
  std::size_t count = 0;
  each_message_id(value, [&](std::string id) {
    if (count == 0) {
      header.references.push_back(std::move(id));
    } else {
      newest[(count - 1) % newest.size()] = std::move(id);
    }
    ++count;
  });
  if (count < 2) return;
  const std::size_t behind = std::min(count - 1, newest.size());
  for (std::size_t i = count - 1 - behind; i < count - 1; ++i) {
    header.references.push_back(std::move(newest[i % newest.size()]));
  }
}

void EntityFields::take_message_field(EntityHeader& header, KnownField field, std::string_view value) {
  Envelope& envelope = header.envelope;
  switch (field) {
    case KnownField::date: {
      if (envelope.date) return;
      set(envelope.date, value);
      if (const auto date = parse_date(value)) header.sent = *date;
      return;
    }
    case KnownField::subject:
      return set(envelope.subject, value);
    case KnownField::in_reply_to:
      return set(envelope.in_reply_to, value);
    case KnownField::message_id:
      return set(envelope.message_id, value);
    case KnownField::references:
      return take_references(header, value);
    case KnownField::from:
      if (!std::exchange(header.has_from, true)) add(envelope.from, value);
      return;
    case KnownField::sender:
      if (!std::exchange(header.has_sender, true)) add(envelope.sender, value);
      return;
    case KnownField::reply_to:
      if (!std::exchange(header.has_reply_to, true)) add(envelope.reply_to, value);
      return;
    case KnownField::to:
      return add(envelope.to, value);
    case KnownField::cc:
      return add(envelope.cc, value);
    case KnownField::bcc:
      return add(envelope.bcc, value);
    default:
      return;
  }
}

}  // namespace mailpod::message
