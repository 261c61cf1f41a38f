#include "body_structure.hpp"

#include "envelope.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using message::Part;

void write_parameters(std::string& out, const std::vector<message::Parameter>& parameters) {
  if (parameters.empty()) {
    out += "NIL";
    return;
  }
  char separator = '(';
  for (const auto& parameter : parameters) {
    out += separator;
    write_string(out, parameter.shown_name());
    out += ' ';
    write_string(out, parameter.shown_value());
    separator = ' ';
  }
  out += ')';
}

void write_disposition(std::string& out, const std::optional<message::Disposition>& disposition) {
  if (!disposition) {
    out += "NIL";
    return;
  }
  out += '(';
  write_string(out, disposition->type);
  out += ' ';
  write_parameters(out, disposition->parameters);
  out += ')';
}

void write_languages(std::string& out, const std::vector<std::string>& languages) {
  if (languages.empty()) {
    out += "NIL";
    return;
  }
  char separator = '(';
  for (const auto& language : languages) {
    out += separator;
    write_string(out, language);
    separator = ' ';
  }
  out += ')';
}

/// `SP body-fld-dsp SP body-fld-lang SP body-fld-loc`
void write_last_extensions(std::string& out, const Part& part) {
  out += ' ';
  write_disposition(out, part.disposition);
  out += ' ';
  write_languages(out, part.language);
  out += ' ';
  write_nstring(out, part.location);
}

/// Recursion is as deep as the scanner lets a message be.
void write_multipart(std::string& out, const Part& part, const BodyForm& form) {
  for (const auto& child : part.children) write_body(out, child, form);
  out += ' ';
  write_string(out, part.subtype);
  if (form.extensions == Extensions::left_out) return;
  out += ' ';
  write_parameters(out, part.parameters);
  write_last_extensions(out, part);
}

/// Whether it is body-type-msg.
bool shows_message(const Part& part, GlobalMessages global) {
  if (!part.holds_message() || part.type != "message" || part.children.size() != 1) return false;
  return part.subtype == "rfc822" || (part.subtype == "global" && global == GlobalMessages::as_messages);
}

void write_single_part(std::string& out, const Part& part, const BodyForm& form) {
  write_string(out, part.type);
  out += ' ';
  write_string(out, part.subtype);
  out += ' ';
  write_parameters(out, part.parameters);
  out += ' ';
  write_nstring(out, part.content_id);
  out += ' ';
  write_nstring(out, part.description);
  out += ' ';
  write_string(out, part.transfer_encoding);
  out += ' ';
  write_number(out, part.body.size());
  if (shows_message(part, form.global)) {
    out += ' ';
    write_envelope(out, *part.envelope);
    out += ' ';
    write_body(out, part.children.front(), form);
  }
  if (shows_message(part, form.global) || part.type == "text") {
    out += ' ';
    write_number(out, part.lines);
  }
  if (form.extensions == Extensions::left_out) return;
  out += ' ';
  write_nstring(out, part.md5);
  write_last_extensions(out, part);
}

}  // namespace

void write_body(std::string& out, const Part& part, const BodyForm& form) {
  out += '(';
  if (part.is_multipart()) {
    write_multipart(out, part, form);
  } else {
    write_single_part(out, part, form);
  }
  out += ')';
}

}  // namespace mailpod::imap
