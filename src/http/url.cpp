#include <charconv>

#include <fmt/format.h>

#include <mailpod/http/client.hpp>
#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"

namespace mailpod::http {
namespace {

constexpr std::size_t longest_url = 4096;  // octets

struct SchemeRow {
  Url::Scheme scheme;
  std::string_view name;
  std::uint16_t port;
};
constexpr SchemeRow schemes[] = {
    {Url::Scheme::http, "http", 80},
    {Url::Scheme::https, "https", 443},
};

const SchemeRow* take_scheme(std::string_view& text) {
  for (const auto& row : schemes) {
    const auto colon = row.name.size();
    if (!text::starts_with_fold(text, row.name) || text.substr(colon, 3) != "://") continue;
    text.remove_prefix(colon + 3);
    return &row;
  }
  return nullptr;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_label(std::string_view text) {
  constexpr std::size_t longest = 63;  // octets; RFC 1035 §2.3.4
  return !text.empty() && text.size() <= longest && !text.starts_with('-') && !text.ends_with('-') &&
         all_of(text, text::octets::alnum | text::OctetSet("-_"));
}

bool is_host(std::string_view text) {
  constexpr std::size_t longest = 253;  // octets, without the final dot
  if (text.size() > longest) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > longest_url) return std::nullopt;
  const auto* scheme = take_scheme(text);
  if (scheme == nullptr) return std::nullopt;
  Url url{scheme->scheme, {}, scheme->port, "/"};
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto host = text.substr(0, end);
  if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    const auto port = parse_port(host.substr(colon + 1));
    if (!port) return std::nullopt;
    url.port = *port;
    host = host.substr(0, colon);
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!is_host(host)) return std::nullopt;
  url.host = text::lower(host);
  const auto target = text.substr(end);
  if (!all_of(target, query_octets)) return std::nullopt;
  if (!target.empty()) url.target = target.front() == '/' ? std::string(target) : fmt::format("/{}", target);
  return url;
}

std::string Url::str() const {
  const auto& row = schemes[scheme == Scheme::https ? 1 : 0];
  return port == row.port ? fmt::format("{}://{}{}", row.name, host, target)
                          : fmt::format("{}://{}:{}{}", row.name, host, port, target);
}

}  // namespace mailpod::http
