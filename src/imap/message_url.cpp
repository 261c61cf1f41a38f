#include "message_url.hpp"

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using text::Cursor;

/// achar of RFC 5092 §11: unreserved, escapes, and the delimiters that mean nothing in an IMAP URL.
constexpr text::OctetSet a_char = text::octets::alnum | text::OctetSet("-._~%!$'()*+,&=");
/// bchar: what a mailbox's name and a section are written with.
constexpr text::OctetSet b_char = a_char | text::OctetSet(":@/");
constexpr text::OctetSet code_char =
    text::octets::vchar - text::OctetSet("]\"\\");  // a quoted string within a response code

std::optional<std::string> percent_decoded(std::string_view encoded) {
  const auto digit = [](char octet) -> int {
    if (octet >= '0' && octet <= '9') return octet - '0';
    if (octet >= 'a' && octet <= 'f') return octet - 'a' + 10;
    if (octet >= 'A' && octet <= 'F') return octet - 'A' + 10;
    return -1;
  };
  std::string decoded;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] != '%') {
      decoded += encoded[at];
      continue;
    }
    if (encoded.size() - at < 3) return std::nullopt;
    const int high = digit(encoded[at + 1]);
    const int low = digit(encoded[at + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

/// The longest run of bchar that does not end in the slash before `;`.
std::string_view take_encoded(Cursor& in) {
  auto ahead = in;
  auto encoded = ahead.take_while(b_char);
  if (encoded.ends_with('/')) encoded.remove_suffix(1);
  in.take_octets(encoded.size());
  return encoded;
}

/// `imailbox-ref`. A name that does not begin with `/` stands beside the selected mailbox: RFC 3986 §5.2.3.
text::Parsed<std::string> parse_mailbox_path(Cursor& in, std::string_view selected) {
  const auto start = in;
  const bool absolute = in.take('/');
  const auto encoded = take_encoded(in);
  if (encoded.empty()) return start.error("a mailbox");
  const bool has_scheme = !absolute && encoded.substr(0, encoded.find('/')).find(':') != std::string_view::npos;
  if (has_scheme || encoded.starts_with('/')) return start.error("a URL without scheme and server");
  auto name = percent_decoded(encoded);
  if (!name) return start.error("a mailbox name in which '%' begins an octet");
  const auto above = absolute ? std::string_view::npos : selected.rfind('/');
  if (above != std::string_view::npos) name->insert(0, selected.substr(0, above + 1));
  auto spelled = stored_mailbox_name(*name);
  if (!spelled) return start.error("a mailbox name in UTF-8");
  return std::move(*spelled);
}

/// `enc-section`, as BODY[…] has it.
text::Parsed<Section> parse_encoded_section(Cursor& in, const SectionLimits& limits) {
  const auto start = in;
  const auto decoded = percent_decoded(take_encoded(in));
  if (!decoded || decoded->empty()) return start.error("a section");
  const std::string bracketed = '[' + *decoded + ']';
  Cursor inner(bracketed);
  auto section = parse_section(inner, limits);
  if (section.has_error() || !inner.at_end() || section->partial) return start.error("a section");
  return std::move(*section);
}

text::Parsed<MessageUrl::Partial> parse_partial_octets(Cursor& in) {
  MessageUrl::Partial partial;
  const auto first = parse_number(in);
  if (first.has_error()) return first.error();
  partial.first = *first;
  if (!in.take('.')) return partial;
  const auto count = parse_nz_number(in);
  if (count.has_error()) return count.error();
  partial.count = *count;
  return partial;
}

}  // namespace

text::Parsed<MessageUrl> parse_message_url(std::string_view octets, std::string_view selected,
                                           const SectionLimits& limits) {
  Cursor in(octets);
  MessageUrl url;
  if (!in.next_is(';')) {
    auto mailbox = parse_mailbox_path(in, selected);
    if (mailbox.has_error()) return mailbox.error();
    url.mailbox = std::move(*mailbox);
    if (in.take(";UIDVALIDITY=")) {
      const auto validity = parse_nz_number(in);
      if (validity.has_error()) return validity.error();
      url.uid_validity = *validity;
    }
    if (!in.take('/')) return in.error("/;UID=");
  }
  if (!in.take(";UID=")) return in.error(";UID=");
  const auto uid = parse_nz_number(in);
  if (uid.has_error()) return uid.error();
  url.uid = *uid;
  if (in.take("/;SECTION=")) {
    auto section = parse_encoded_section(in, limits);
    if (section.has_error()) return section.error();
    url.section = std::move(*section);
  }
  if (in.take("/;PARTIAL=")) {
    const auto partial = parse_partial_octets(in);
    if (partial.has_error()) return partial.error();
    url.partial = *partial;
  }
  if (!in.at_end()) return in.error("the end of the URL");
  return url;
}

std::string written_in_code(std::string_view url) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string written;
  for (const char octet : url) {
    if (code_char.contains(octet)) {
      written += octet;
      continue;
    }
    const auto value = static_cast<unsigned char>(octet);
    written += '%';
    written += digits[value / 16];
    written += digits[value % 16];
  }
  return written;
}

}  // namespace mailpod::imap
