// Any octets as a header, as parameters of a field, and as what a client says of itself in a trace field.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_fields.hpp>
#include <mailpod/message/structure.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "../../src/message/parameters.hpp"

using namespace mailpod;

namespace {

void insist(bool promise) {
  if (!promise) std::abort();
}

std::vector<message::SpelledField> fields_of(std::string_view header) {
  std::vector<message::SpelledField> out;
  message::SpelledField field;
  while (message::take_field(header, field)) {
    insist(!field.whole.empty() && field.name.size() + field.value.size() <= field.whole.size());
    out.push_back(field);
  }
  return out;
}

/// Removing a field leaves all others as they stood.
void removal_is_exact(std::string_view header) {
  if (message::header_length(header) != header.size()) return;
  if (header.starts_with(' ') || header.starts_with('\t')) return;  // continues nothing
  message::HeaderEdit edit;
  edit.remove = {"Subject"};
  const std::string edited = edit.apply(header).value();
  std::string kept;
  for (const auto& field : fields_of(header)) {
    if (!text::equal_fold(field.name, "subject")) kept += field.whole;
  }
  std::string found;
  for (const auto& field : fields_of(edited)) found += field.whole;
  insist(found == kept);
  insist(edit.apply(edited).value() == edited);
}

std::vector<message::Parameter> parameters_of(std::string_view value) {
  message::Lexer lexer(value);
  return message::parse_parameters(lexer, 16);
}

/// What BODYSTRUCTURE shows of an extended parameter is read back to the same. RFC 2231 §4.
void extended_parameters_come_through(std::string_view value) {
  const auto all = parameters_of(value);
  insist(all.size() <= 16);
  for (const auto& parameter : all) {
    insist(text::is_utf8(parameter.text()));
    if (!parameter.extended) continue;
    const auto again = parameters_of("; " + parameter.shown_name() + "=" + parameter.shown_value());
    insist(again.size() == 1 && again[0] == parameter);
  }
}

/// Exactly one field, with no octet that could end or begin another line.
void is_one_field(const std::string& written, std::string_view name) {
  const auto fields = fields_of(written);
  insist(written.ends_with("\r\n") && fields.size() == 1 && fields[0].whole == written && fields[0].name == name);
  for (std::size_t at = 0; at < written.size(); ++at) {
    const auto octet = static_cast<unsigned char>(written[at]);
    if (octet == '\r') insist(written[at + 1] == '\n');
    if (octet == '\n') insist(written[at - 1] == '\r');
    insist(octet >= 0x20 || octet == '\t' || octet == '\r' || octet == '\n');
  }
}

void trace_fields_hold_together(std::string_view octets) {
  for (int where = 0; where < 7; ++where) {
    message::Received received;
    received.helo = received.by = "a.example";
    received.protocol = "ESMTPS";
    (where == 0   ? received.helo
     : where == 1 ? received.client_name
     : where == 2 ? received.client_ip
     : where == 3 ? received.by
     : where == 4 ? received.tls
     : where == 5 ? received.id
                  : received.for_address) = octets;
    is_one_field(message::write_received(received), "Received");
  }
  if (const auto path = message::write_return_path(octets)) is_one_field(*path, "Return-Path");
  if (const auto address = message::write_delivered_to(octets)) is_one_field(*address, "Delivered-To");
  is_one_field(message::write_field("X-Field", octets), "X-Field");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  removal_is_exact(octets);
  removal_is_exact(std::string(octets) + "\r\n\r\n");
  extended_parameters_come_through(octets);
  trace_fields_hold_together(octets);
  return 0;
}
