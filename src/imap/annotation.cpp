#include "annotation.hpp"

#include <algorithm>

#include <mailpod/store/special_use.hpp>
#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

/// More entries in one command make no sense, and each is looked up.
constexpr std::size_t most_entries = 100;
constexpr std::size_t longest_entry = 1'000;

bool is_above(std::string_view name) {
  return name == "/private" || name == "/shared";
}

bool is_entry(std::string_view name) {
  if (name.size() > longest_entry) return false;
  if (!name.starts_with("/private/") && !name.starts_with("/shared/")) return false;
  if (name.ends_with('/') || name.find("//") != std::string_view::npos) return false;
  // RFC 5464 §3.1: of ASCII, without controls and wildcards.
  constexpr auto allowed = text::octets::vchar | text::OctetSet(" ");
  return std::ranges::all_of(
      name, [&](char octet) { return allowed.contains(octet) && !octets::list_wildcards.contains(octet); });
}

void write_literal8(std::string& out, std::string_view octets) {
  out += "~{";
  write_number(out, octets.size());
  out += "}\r\n";
  out += octets;
}

text::Parsed<std::string> parse_name(text::Cursor& in, Above above) {
  const auto start = in;
  auto name = parse_astring(in);
  if (name.has_error()) return name.error();
  auto lower = text::lower(*name);
  if (!is_entry(lower) && (above == Above::refused || !is_above(lower))) {
    return start.error("an entry below /private or /shared");
  }
  return lower;
}

}  // namespace

text::Parsed<std::string> parse_entry(text::Cursor& in, const Dialect&) {
  return parse_name(in, Above::refused);
}

text::Parsed<std::vector<std::string>> parse_entries(text::Cursor& in, const Dialect&, Above above) {
  std::vector<std::string> entries;
  const bool listed = in.take('(');
  do {
    if (entries.size() == most_entries) return in.error("fewer entries");
    auto entry = parse_name(in, above);
    if (entry.has_error()) return entry.error();
    if (std::ranges::find(entries, *entry) == entries.end()) entries.push_back(std::move(*entry));
  } while (listed && in.take_space());
  if (listed && !in.take(')')) return in.error("')'");
  return entries;
}

text::Parsed<std::optional<std::string>> parse_annotation_value(text::Cursor& in) {
  if (!in.take('~')) return parse_nstring(in);
  if (!in.next_is('{')) return in.error("a literal");
  auto value = parse_string(in);
  if (value.has_error()) return value.error();
  return std::optional<std::string>(std::move(*value));
}

std::shared_ptr<const store::Annotations> told_annotations(const store::MailboxState* mailbox) {
  if (mailbox == nullptr) return nullptr;
  const auto attribute = store::attribute_for(mailbox->special_use);
  const auto& kept = mailbox->annotations;
  const bool kept_too = kept && kept->contains(store::special_use_entry);
  if (attribute.empty() && !kept_too) return kept;
  auto told = std::make_shared<store::Annotations>(kept ? *kept : store::Annotations());
  if (attribute.empty()) {
    told->erase(std::string(store::special_use_entry));
  } else {
    told->insert_or_assign(std::string(store::special_use_entry), attribute);
  }
  return told;
}

void write_annotation_value(std::string& out, std::string_view value) {
  if (value.find('\0') == std::string_view::npos) {
    write_string(out, value);
  } else {
    write_literal8(out, value);
  }
}

void write_metadata(std::string& out, std::string_view mailbox, const std::vector<std::string>& entries,
                    const store::Annotations* annotations, const Dialect& dialect) {
  out += "* METADATA ";
  write_mailbox(out, mailbox, dialect);
  char separator = '(';
  out += ' ';
  for (const auto& entry : entries) {
    out += separator;
    write_astring(out, entry);
    out += ' ';
    const auto known = annotations == nullptr ? store::Annotations::const_iterator() : annotations->find(entry);
    if (annotations == nullptr || known == annotations->end()) {
      out += "NIL";
    } else {
      write_annotation_value(out, known->second);
    }
    separator = ' ';
  }
  out += ")\r\n";
}

}  // namespace mailpod::imap
