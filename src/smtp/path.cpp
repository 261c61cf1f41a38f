#include "path.hpp"

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>

namespace mailpod::smtp {

using text::Cursor;
using text::OctetSet;
using text::Parsed;
namespace octets = text::octets;

namespace {

// RFC 5321 §4.1.2 qtextSMTP and quoted-pairSMTP.
constexpr OctetSet quoted_text = (OctetSet::range(32, 126) | octets::beyond_ascii) - OctetSet("\"\\");
constexpr OctetSet quotable = OctetSet::range(32, 126);
// RFC 5321 §4.1.3 dcontent; the colon of IPv6 is among them.
constexpr OctetSet literal_text = OctetSet::range(33, 126) - OctetSet("[\\]");
constexpr OctetSet label_text = octets::alnum | octets::beyond_ascii | OctetSet("-");
constexpr OctetSet atom_text = octets::atext | octets::beyond_ascii;
constexpr std::size_t longest_label = 63;  // RFC 1035 §2.3.4

Parsed<std::string> parse_dot_string(Cursor& in) {
  std::string local_part;
  while (true) {
    const std::string_view atom = in.take_while(atom_text);
    if (atom.empty()) return in.error("an atom of the local part");
    local_part += atom;
    if (!in.take('.')) return local_part;
    local_part += '.';
  }
}

// The same mailbox may be written in many ways ("a\b", "ab"): what counts is the unquoted text.
Parsed<std::string> parse_quoted_string(Cursor& in) {
  std::string local_part;
  while (!in.take('"')) {
    if (in.take('\\')) {
      const auto octet = in.take_one(quotable);
      if (!octet) return in.error("a quoted character");
      local_part += *octet;
    } else {
      const std::string_view text = in.take_while(quoted_text);
      if (text.empty()) return in.error("the closing quote");
      local_part += text;
    }
  }
  // The grammar lets `""@domain` pass, but no mailbox is called so.
  if (local_part.empty()) return in.error("a local part that is not empty");
  return local_part;
}

Parsed<std::string> parse_local_part(Cursor& in) {
  const Cursor start = in;
  Parsed<std::string> local_part = in.take('"') ? parse_quoted_string(in) : parse_dot_string(in);
  if (local_part && local_part->size() > longest_local_part) return start.error("a local part of at most 64 octets");
  return local_part;
}

Parsed<std::string> parse_domain_name(Cursor& in) {
  const Cursor start = in;
  std::string domain;
  while (true) {
    const std::string_view label = in.take_while(label_text);
    if (label.empty() || label.front() == '-' || label.back() == '-' || label.size() > longest_label) {
      return start.error("a domain");
    }
    domain += label;
    if (!in.take('.')) break;
    domain += '.';
  }
  if (domain.size() > longest_domain) return start.error("a domain of at most 255 octets");
  auto ascii = text::to_ascii_domain(domain);
  if (!ascii) return start.error("a domain");
  return std::move(*ascii);
}

Parsed<std::string> parse_address_literal(Cursor& in) {
  const std::string_view content = in.take_while(literal_text, longest_domain);
  if (content.empty() || !in.take(']')) return in.error("an address literal");
  return "[" + text::lower(content) + "]";
}

// RFC 5321 Appendix C: a source route must be understood and should be ignored.
Parsed<void> skip_source_route(Cursor& in) {
  while (in.take('@')) {
    const auto host = parse_domain_name(in);
    if (!host) return host.error();
    if (in.take(':')) return {};
    if (!in.take(',') || !in.next_is('@')) return in.error("the next host of the source route");
  }
  return in.error("a source route");
}

Parsed<Mailbox> parse_path_after_bracket(Cursor& in) {
  if (in.next_is('@')) {
    const auto route = skip_source_route(in);
    if (!route) return route.error();
  }
  auto mailbox = parse_mailbox(in);
  if (mailbox && !in.take('>')) return in.error("'>'");
  return mailbox;
}

}  // namespace

Parsed<Mailbox> parse_mailbox(Cursor& in) {
  const Cursor start = in;
  auto local_part = parse_local_part(in);
  if (!local_part) return local_part.error();
  if (!in.take('@')) return in.error("'@' and a domain");
  auto domain = in.take('[') ? parse_address_literal(in) : parse_domain_name(in);
  if (!domain) return domain.error();
  if (in.offset() - start.offset() > longest_address) return start.error("an address of at most 254 octets");
  return Mailbox{std::move(*local_part), std::move(*domain)};
}

Parsed<Mailbox> parse_reverse_path(Cursor& in) {
  if (!in.take('<')) return in.error("'<'");
  if (in.take('>')) return Mailbox{};
  return parse_path_after_bracket(in);
}

Parsed<Mailbox> parse_forward_path(Cursor& in) {
  if (!in.take('<')) return in.error("'<'");
  // RFC 5321 §4.5.1: postmaster needs no domain.
  Cursor role = in;
  if (role.take("postmaster") && role.take('>')) {
    in = role;
    return Mailbox{"postmaster", ""};
  }
  return parse_path_after_bracket(in);
}

bool is_address_literal(const Mailbox& mailbox) {
  return mailbox.domain.starts_with('[');
}

}  // namespace mailpod::smtp
