#include "section.hpp"

#include <set>

#include <mailpod/message/header_fields.hpp>
#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using message::SectionText;

/// `(Date From)`
text::Parsed<std::vector<std::string>> parse_header_list(text::Cursor& in, std::size_t limit) {
  if (!in.take_space() || !in.take('(')) return in.error("SP and a list of header field names");
  std::vector<std::string> names;
  do {
    if (names.size() == limit) return in.error("fewer header field names");
    auto name = parse_astring(in);
    if (name.has_error()) return name.error();
    names.push_back(std::move(*name));
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return names;
}

/// HEADER, HEADER.FIELDS, TEXT, and MIME after a part number.
std::optional<text::ParseError> parse_section_text(text::Cursor& in, Section& section, const SectionLimits& limits) {
  if (in.take("HEADER.FIELDS")) {
    section.text = SectionText::header;
    section.fields = in.take(".NOT") ? Section::Fields::all_but : Section::Fields::only;
    auto names = parse_header_list(in, limits.header_fields);
    if (names.has_error()) return names.error();
    section.names = std::move(*names);
  } else if (in.take("HEADER")) {
    section.text = SectionText::header;
  } else if (in.take("TEXT")) {
    section.text = SectionText::text;
  } else if (!section.part.empty() && in.take("MIME")) {
    section.text = SectionText::mime;
  } else {
    return in.error("HEADER, HEADER.FIELDS, TEXT or a part number");
  }
  return std::nullopt;
}

std::optional<text::ParseError> parse_section_spec(text::Cursor& in, Section& section, const SectionLimits& limits) {
  if (in.next_is(']')) return std::nullopt;
  if (!in.next_is(text::octets::digit)) return parse_section_text(in, section, limits);
  for (;;) {
    if (section.part.size() == limits.depth) return in.error("a less deeply nested part");
    const auto number = parse_nz_number(in);
    if (number.has_error()) return number.error();
    section.part.push_back(*number);
    if (!in.take('.')) return std::nullopt;
    if (!in.next_is(text::octets::digit)) return parse_section_text(in, section, limits);
  }
}

text::Parsed<Section::Partial> parse_partial(text::Cursor& in) {
  const auto first = parse_number64(in);
  if (first.has_error()) return first.error();
  if (!in.take('.')) return in.error("'.'");
  const auto before = in;
  const auto count = parse_number64(in);
  if (count.has_error()) return count.error();
  if (*count == 0) return before.error("a number above zero");
  if (!in.take('>')) return in.error("'>'");
  return Section::Partial{*first, *count};
}

}  // namespace

text::Parsed<Section> parse_section(text::Cursor& in, const SectionLimits& limits) {
  Section section;
  if (!in.take('[')) return in.error("'['");
  if (const auto error = parse_section_spec(in, section, limits)) return *error;
  if (!in.take(']')) return in.error("']'");
  if (in.take('<')) {
    const auto partial = parse_partial(in);
    if (partial.has_error()) return partial.error();
    section.partial = *partial;
  }
  return section;
}

void write_section(std::string& out, const Section& section) {
  out += '[';
  std::string_view separator;
  for (const auto number : section.part) {
    out += separator;
    write_number(out, number);
    separator = ".";
  }
  if (section.text != SectionText::content) {
    out += separator;
    out += section.text == SectionText::header ? "HEADER" : section.text == SectionText::text ? "TEXT" : "MIME";
  }
  if (section.fields != Section::Fields::all) {
    out += section.fields == Section::Fields::only ? ".FIELDS (" : ".FIELDS.NOT (";
    separator = {};
    for (const auto& name : section.names) {
      out += separator;
      write_astring(out, name);
      separator = " ";
    }
    out += ')';
  }
  out += ']';
  if (section.partial) {
    out += '<';
    write_number(out, section.partial->first);
    out += '>';
  }
}

std::string wanted_fields(std::string_view header, const Section& section) {
  const std::set<std::string_view, text::LessFold> names(section.names.begin(), section.names.end());
  const bool named_are_wanted = section.fields == Section::Fields::only;
  std::string wanted;
  message::SpelledField field;
  while (message::take_field(header, field)) {
    if (names.contains(field.name) == named_are_wanted) wanted += field.whole;
  }
  wanted += header.substr(0, header.starts_with("\r\n") ? 2 : header.empty() ? 0 : 1);
  return wanted;
}

}  // namespace mailpod::imap
