#include <algorithm>
#include <charconv>

#include <mailpod/http/reader.hpp>
#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"
#include "head_lines.hpp"

namespace mailpod::http {
namespace {

struct Target {
  std::optional<std::string> host;  ///< of the absolute form
  unsigned port = 0;                ///< likewise
  unsigned usual_port = 0;          ///< of its scheme
  Path path;
  std::string query;
};

/// Of an authority that parse_authority() takes.
unsigned port_of(std::string_view authority, unsigned usual) {
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.ends_with(']')) return usual;
  const auto digits = authority.substr(colon + 1);
  unsigned port = usual;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

/// Origin form, absolute form, or the asterisk of OPTIONS. RFC 9112 §3.2
Result<Target> parse_target(std::string_view text, Method method) {
  Target target;
  if (method == Method::connect) return Errc::not_implemented;
  if (text == "*" && method == Method::options) return target;
  struct Scheme {
    std::string_view name;
    unsigned port;
  };
  for (const auto& scheme : {Scheme{"http://", 80}, Scheme{"https://", 443}}) {
    if (!text::starts_with_fold(text, scheme.name)) continue;
    text.remove_prefix(scheme.name.size());
    const auto end = std::min(text.find_first_of("/?"), text.size());
    target.host = parse_authority(text.substr(0, end));
    target.usual_port = scheme.port;
    target.port = port_of(text.substr(0, end), scheme.port);
    text.remove_prefix(end);
    if (!target.host || !text.starts_with('/')) return Errc::malformed;
    break;
  }
  const auto mark = text.find('?');
  auto path = parse_path(text.substr(0, mark));
  if (!path) return Errc::malformed;
  target.path = std::move(*path);
  if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
  if (!all_of(target.query, query_octets)) return Errc::malformed;
  return target;
}

/// The one host that a request is for: RFC 9112 §3.2 asks for exactly one field, and where the target names one as well
/// we ask that they are the same.
std::optional<std::string> host_of(const Fields& fields, const Target& target) {
  if (fields.count("host") != 1) return std::nullopt;
  auto host = parse_authority(*fields.find("host"));
  if (!host || !target.host) return host;
  const bool same = *host == *target.host && port_of(*fields.find("host"), target.usual_port) == target.port;
  if (!same) return std::nullopt;
  return host;
}

}  // namespace

Result<std::optional<std::size_t>> find_head_end(std::string_view octets, std::size_t looked_at,
                                                 const MessageLimits& limits) {
  const auto start_line = octets.substr(0, limits.start_line + 2);
  if (looked_at < start_line.size() && start_line.size() == limits.start_line + 2 &&
      start_line.find('\n') == std::string_view::npos)
    return Errc::target_too_long;
  const auto within = octets.substr(0, limits.head);
  std::size_t at = looked_at;
  while ((at = within.find('\n', at)) != std::string_view::npos) {
    if (at == 0 || within[at - 1] != '\r') return Errc::malformed;
    if (at >= 3 && within[at - 2] == '\n') return std::optional<std::size_t>(at + 1);
    ++at;
  }
  if (octets.size() >= limits.head) return Errc::head_too_large;
  return std::optional<std::size_t>();
}

Result<Request> parse_request_head(std::string_view head, const MessageLimits& limits) {
  const auto line = take_crlf_line(head);
  if (!line) return Errc::malformed;
  const auto first = line->find(' ');
  const auto last = line->rfind(' ');
  if (first == std::string_view::npos || first == last) return Errc::malformed;
  const auto name = line->substr(0, first);
  if (!is_token(name)) return Errc::malformed;
  const auto version = parse_version(line->substr(last + 1));
  if (!version) return version.error();
  const auto method = parse_method(name);
  if (!method) return Errc::not_implemented;
  auto target = parse_target(line->substr(first + 1, last - first - 1), *method);
  if (!target) return target.error();
  auto fields = parse_field_lines(head, limits);
  if (!fields) return fields.error();
  auto host = host_of(*fields, *target);
  if (!host) return Errc::malformed;
  return Request{
      *method, *version, std::move(*host), std::move(target->path), std::move(target->query), std::move(*fields), {}};
}

Result<Response> parse_response_head(std::string_view head, const MessageLimits& limits) {
  const auto line = take_crlf_line(head);
  if (!line || line->size() < 13 || (*line)[8] != ' ' || (*line)[12] != ' ') return Errc::malformed;
  const auto version = parse_version(line->substr(0, 8));
  if (!version) return version.error();
  Response response;
  const auto digits = line->substr(9, 3);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), response.status);
  if (error != std::errc() || end != digits.data() + digits.size() || response.status < 100 || response.status > 599)
    return Errc::malformed;
  if (!is_field_value(line->substr(13))) return Errc::malformed;
  auto fields = parse_field_lines(head, limits);
  if (!fields) return fields.error();
  response.fields = std::move(*fields);
  return response;
}

Version version_of_response(std::string_view head) {
  return head.starts_with("HTTP/1.0") ? Version::http_1_0 : Version::http_1_1;
}

}  // namespace mailpod::http
