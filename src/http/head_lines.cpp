#include "head_lines.hpp"

#include <charconv>

#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"

namespace mailpod::http {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return text.size() <= 5 && all_of(text, text::octets::digit) &&
         (text.empty() || (error == std::errc() && end == text.data() + text.size() && port <= 65535));
}

/// The end of `[2001:db8::1]`, behind its bracket; npos if it is no such thing.
std::size_t end_of_bracketed(std::string_view text) {
  constexpr text::OctetSet within = text::octets::hexdig | text::OctetSet(":.");
  const auto end = text.find(']');
  if (end == std::string_view::npos || end < 3 || !all_of(text.substr(1, end - 1), within))
    return std::string_view::npos;
  return end + 1;
}

}  // namespace

std::optional<std::string_view> take_crlf_line(std::string_view& octets) {
  const auto end = octets.find_first_of("\r\n");
  if (end == std::string_view::npos || octets.substr(end, 2) != "\r\n") return std::nullopt;
  const auto line = octets.substr(0, end);
  octets.remove_prefix(end + 2);
  return line;
}

Result<Fields> parse_field_lines(std::string_view octets, const MessageLimits& limits) {
  Fields fields;
  while (true) {
    const auto line = take_crlf_line(octets);
    if (!line) return Errc::malformed;
    if (line->empty()) break;
    const auto colon = line->find(':');
    // A name that is no token is also one with a space before the colon, and a folded line. RFC 9112 §5.1, §5.2
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) return Errc::malformed;
    const auto value = text::trim(line->substr(colon + 1));
    if (!is_field_value(value)) return Errc::malformed;
    if (fields.size() == limits.fields) return Errc::head_too_large;
    fields.add(line->substr(0, colon), value);
  }
  if (!octets.empty()) return Errc::malformed;
  return fields;
}

Result<Version> parse_version(std::string_view text) {
  constexpr std::string_view name = "HTTP/";
  if (text.size() != name.size() + 3 || !text.starts_with(name) || !text::octets::digit.contains(text[5]) ||
      text[6] != '.' || !text::octets::digit.contains(text[7]))
    return Errc::malformed;
  if (text[5] != '1') return Errc::version_unknown;
  return text[7] == '0' ? Version::http_1_0 : Version::http_1_1;
}

std::optional<std::string> parse_authority(std::string_view text) {
  const auto end = text.starts_with('[') ? end_of_bracketed(text) : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, end);
  const auto rest = text.substr(end);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 255 || (host.front() != '[' && !all_of(host, host_octets))) return std::nullopt;
  return text::lower(host);
}

}  // namespace mailpod::http
