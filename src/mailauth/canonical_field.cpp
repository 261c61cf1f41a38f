#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::mailauth {

namespace {

/// Without the CRLF at its end.
std::string_view without_end(std::string_view field) {
  if (field.ends_with("\r\n")) field.remove_suffix(2);
  return field;
}

/// RFC 6376 §3.4.2: unfolded, each run of white space one space, none at the end and none around the colon.
std::string relaxed_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  bool space = false;
  while (!value.empty()) {
    if (value.starts_with("\r\n")) {
      value.remove_prefix(2);
      continue;
    }
    if (text::octets::wsp.contains(value.front())) {
      space = true;
    } else {
      if (space && !out.empty()) out += ' ';
      space = false;
      out += value.front();
    }
    value.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string canonical_field(Canonicalization how, std::string_view field) {
  field = without_end(field);
  if (how == Canonicalization::simple) return std::string(field) + "\r\n";
  const auto colon = field.find(':');
  const auto name = text::trim(field.substr(0, colon));
  const auto value = colon == std::string_view::npos ? std::string_view() : field.substr(colon + 1);
  return text::lower(name) + ':' + relaxed_value(value) + "\r\n";
}

}  // namespace mailpod::mailauth
