#include "fetch_items.hpp"

#include <algorithm>
#include <stdexcept>

#include <mailpod/text/ascii.hpp>

#include "body_structure.hpp"
#include "envelope.hpp"
#include "object_id.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using message::SectionText;
using enum Need;
using Seen = FetchItemRow::Seen;
using Form = FetchItemRow::Form;
using Record = FetchItemRow::Record;

void write_envelope_item(std::string& out, const ShownMessage& message) {
  write_envelope(out, message.structure->envelope);
}
void write_flags_item(std::string& out, const ShownMessage& message) {
  write_flags(out, message.state.flags, message.keywords);
}
void write_internal_date_item(std::string& out, const ShownMessage& message) {
  write_internal_date(out, message.state.internal_date);
}
void write_size_item(std::string& out, const ShownMessage& message) {
  write_number(out, message.state.size);
}
void write_body_item(std::string& out, const ShownMessage& message) {
  write_body(out, message.structure->root, {Extensions::left_out, message.global});
}
void write_body_structure_item(std::string& out, const ShownMessage& message) {
  write_body(out, message.structure->root, {Extensions::shown, message.global});
}
void write_mod_seq_item(std::string& out, const ShownMessage& message) {
  write_mod_seq(out, message.state.mod_seq);
}
void write_uid_item(std::string& out, const ShownMessage& message) {
  write_number(out, message.state.uid.value);
}

void write_save_date_item(std::string& out, const ShownMessage& message) {
  write_internal_date(out, message.record->save_date);
}
void write_email_id_item(std::string& out, const ShownMessage& message) {
  out += '(' + email_id(*message.record) + ')';
}
void write_thread_id_item(std::string& out, const ShownMessage& message) {
  out += '(' + thread_id(message.member, *message.structure, *message.record) + ')';
}

constexpr FetchItemRow rows[] = {
    {"BODY[", "BODY", octets, nullptr, SectionText::content, Seen::set},
    {"BODY.PEEK[", "BODY", octets, nullptr, SectionText::content, Seen::kept},
    {"BODY", "BODY", structure, write_body_item, SectionText::content, Seen::kept},
    {"BODYSTRUCTURE", "BODYSTRUCTURE", structure, write_body_structure_item, SectionText::content, Seen::kept},
    {"ENVELOPE", "ENVELOPE", structure, write_envelope_item, SectionText::content, Seen::kept},
    {"FLAGS", "FLAGS", state, write_flags_item, SectionText::content, Seen::kept},
    {"INTERNALDATE", "INTERNALDATE", state, write_internal_date_item, SectionText::content, Seen::kept},
    {"MODSEQ", "MODSEQ", state, write_mod_seq_item, SectionText::content, Seen::kept},  // RFC 7162 §3.1.4.2
    {"RFC822", "RFC822", octets, nullptr, SectionText::content, Seen::set},
    {"RFC822.HEADER", "RFC822.HEADER", octets, nullptr, SectionText::header, Seen::kept},
    {"RFC822.SIZE", "RFC822.SIZE", state, write_size_item, SectionText::content, Seen::kept},
    {"RFC822.TEXT", "RFC822.TEXT", octets, nullptr, SectionText::text, Seen::set},
    {"UID", "UID", state, write_uid_item, SectionText::content, Seen::kept},
    // RFC 3516 §4.2
    {"BINARY[", "BINARY", octets, nullptr, SectionText::content, Seen::set, Form::decoded},
    {"BINARY.PEEK[", "BINARY", octets, nullptr, SectionText::content, Seen::kept, Form::decoded},
    {"BINARY.SIZE[", "BINARY.SIZE", octets, nullptr, SectionText::content, Seen::kept, Form::decoded_size},
    // RFC 8474 §5
    {"EMAILID", "EMAILID", record, write_email_id_item, SectionText::content, Seen::kept, Form::as_sent,
     Record::wanted},
    {"THREADID", "THREADID", structure, write_thread_id_item, SectionText::content, Seen::kept, Form::as_sent,
     Record::wanted},
    // RFC 8514 §4.2
    {"SAVEDATE", "SAVEDATE", record, write_save_date_item, SectionText::content, Seen::kept, Form::as_sent,
     Record::wanted},
    // RFC 8970 §3
    {"PREVIEW", "PREVIEW", octets, nullptr, SectionText::content, Seen::kept, Form::preview},
};

struct Macro {
  std::string_view name;
  std::vector<std::string_view> items;
};

std::vector<FetchItem> items_of_macro(std::string_view name) {
  const Macro macros[] = {
      {"ALL", {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}},
      {"FAST", {"FLAGS", "INTERNALDATE", "RFC822.SIZE"}},
      {"FULL", {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}},
  };
  std::vector<FetchItem> items;
  for (const auto& macro : macros) {
    if (!text::equal_fold(name, macro.name)) continue;
    for (const auto item : macro.items) items.push_back(fetch_item(item));
  }
  return items;
}

constexpr text::OctetSet item_name = text::octets::alnum | text::OctetSet(".");

const FetchItemRow* find_row(std::string_view name) {
  const auto* found =
      std::ranges::find_if(rows, [&](const FetchItemRow& row) { return text::equal_fold(row.name, name); });
  return found == std::end(rows) ? nullptr : found;
}

/// `section-binary`: part numbers alone, and for BINARY.SIZE all the octets. RFC 3516 §7.
bool fits(const Section& section, Form form) {
  if (form == Form::as_sent) return true;
  return section.text == SectionText::content && (form == Form::decoded || !section.partial);
}

/// `SP (LAZY)` after PREVIEW. What stands there may be FETCH's modifiers instead.
bool take_lazy(text::Cursor& in) {
  auto ahead = in;
  if (!ahead.take_space() || !ahead.take('(') || !ahead.take_word("LAZY")) return false;
  while (ahead.take(" LAZY")) {
  }
  if (!ahead.take(')')) return false;
  in = ahead;
  return true;
}

text::Parsed<FetchItem> parse_fetch_item(text::Cursor& in, const SectionLimits& limits) {
  const auto start = in;
  std::string name(in.take_while(item_name));
  const bool with_section = in.next_is('[');
  if (with_section) name += '[';
  const auto* row = find_row(name);
  if (row == nullptr) return start.error("a FETCH item");
  FetchItem item{row, {}};
  item.section.text = row->text;
  if (with_section) {
    const auto before = in;
    auto section = parse_section(in, limits);
    if (section.has_error()) return section.error();
    if (!fits(*section, row->form)) return before.error("a section of part numbers");
    item.section = std::move(*section);
  }
  if (row->form == Form::preview) item.lazy = take_lazy(in);
  return item;
}

}  // namespace

std::span<const FetchItemRow> fetch_item_rows() {
  return rows;
}

FetchItem fetch_item(std::string_view name) {
  const auto* row = find_row(name);
  if (row == nullptr) throw std::logic_error("no such FETCH item");
  FetchItem item{row, {}};
  item.section.text = row->text;
  return item;
}

text::Parsed<std::vector<FetchItem>> parse_fetch_items(text::Cursor& in, std::size_t max_items,
                                                       const SectionLimits& limits) {
  auto after_macro = in;
  auto items = items_of_macro(after_macro.take_while(item_name));
  if (!items.empty()) {
    in = after_macro;
    return items;
  }
  const bool listed = in.take('(');
  do {
    if (items.size() == max_items) return in.error("fewer FETCH items");
    auto item = parse_fetch_item(in, limits);
    if (item.has_error()) return item.error();
    items.push_back(std::move(*item));
  } while (listed && in.take_space());
  if (listed && !in.take(')')) return in.error("')'");
  return items;
}

}  // namespace mailpod::imap
