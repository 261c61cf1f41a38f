#pragma once

#include <string_view>

#include <mailpod/message/scanner.hpp>

#include "kept_octets.hpp"
#include "lexer.hpp"

namespace mailpod::message {

/// Which fields a Structure is made from; everything else is passed over without being kept.
enum class KnownField {
  none,
  // RFC 5322, for ENVELOPE
  date,
  subject,
  from,
  sender,
  reply_to,
  to,
  cc,
  bcc,
  in_reply_to,
  message_id,
  references,
  // RFC 2045 and its neighbours, for BODYSTRUCTURE
  content_type,
  content_transfer_encoding,
  content_id,
  content_description,
  content_disposition,
  content_language,
  content_location,
  content_md5,
  // trace, for delivery
  received,
  return_path,
  delivered_to,
};

KnownField known_field_for(std::string_view name);

/// What one entity's header has said so far.
struct EntityHeader {
  Part part;          ///< the fields of Content-*
  Envelope envelope;  ///< filled only if the entity is a message
  std::optional<Date> sent;
  std::vector<std::string> references;
  bool has_content_type = false;
  bool has_transfer_encoding = false;
  bool has_from = false;
  bool has_sender = false;
  bool has_reply_to = false;
  bool has_language = false;
};

/// Reads fields into an EntityHeader: one per entity, the first of each name; To, Cc and Bcc add up.
class EntityFields {
public:
  EntityFields(const Scanner::Settings& settings, KeptOctets& kept) : settings_(settings), kept_(kept) {}

  void take_content_field(EntityHeader& header, KnownField field, std::string_view value);
  void take_message_field(EntityHeader& header, KnownField field, std::string_view value);

private:
  void take_content_type(EntityHeader& header, std::string_view value);
  void take_disposition(Part& part, std::string_view value);
  void take_references(EntityHeader& header, std::string_view value);
  void set(std::optional<std::string>& field, std::string_view value);
  void add(std::vector<EnvelopeAddress>& addresses, std::string_view value);
  std::vector<Parameter> parameters(Lexer& lexer);

  const Scanner::Settings& settings_;
  KeptOctets& kept_;
};

}  // namespace mailpod::message
