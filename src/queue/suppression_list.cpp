#include <algorithm>

#include <mailpod/queue/error.hpp>
#include <mailpod/queue/suppressions.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>
#include <mailpod/text/unicode.hpp>

#include "numeric_address.hpp"

namespace mailpod::queue {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t longest_local_part = 64;  // RFC 5321 §4.5.3.1.1

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, fits);
}

bool is_domain(std::string_view name) {
  if (name.size() > 253) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

/// As destination_of has it.
std::optional<std::string> parse_domain(std::string_view text) {
  if (parse_address_literal(text)) return text::lower(text);
  auto name = text::to_ascii_domain(text);
  return name && is_domain(*name) ? name : std::nullopt;
}

bool is_local_part(std::string_view text) {
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  const auto fits = [quoted](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet > ' ' && octet != 127 &&
           (quoted || std::string_view("()<>[]:;@\\,\"").find(c) == std::string_view::npos);
  };
  const auto fits_quoted = [&](char c) { return fits(c) || c == ' '; };
  if (text.empty() || text.size() > longest_local_part || !text::is_utf8(text)) return false;
  return quoted ? std::ranges::all_of(text, fits_quoted) : std::ranges::all_of(text, fits);
}

bool take(base::Decoder& in, Suppression& one) {
  one.what = in.var();
  one.since = base::from_micros(in.u64());
  if (const std::uint64_t until = in.u64(); until != 0) one.until = base::from_micros(until);
  one.reason = in.var();
  return in.ok() && !one.what.empty() && one.reason.size() <= Suppressions::longest_reason;
}

}  // namespace

std::optional<std::string> parse_suppressed(std::string_view text) {
  const std::size_t at = text.rfind('@');
  const auto domain = parse_domain(text.substr(at == std::string_view::npos ? 0 : at + 1));
  if (!domain) return std::nullopt;
  if (at == std::string_view::npos) {
    const bool is_whole = domain->starts_with('[') || domain->find('.') != std::string::npos;
    return is_whole ? domain : std::nullopt;
  }
  if (!is_local_part(text.substr(0, at))) return std::nullopt;
  return text::lower(text.substr(0, at)) + "@" + *domain;
}

std::string encode(const std::vector<Suppression>& list) {
  base::Encoder out;
  out.u8(version);
  for (const Suppression& one : list) {
    out.var(one.what).u64(base::to_micros(one.since)).u64(one.until ? base::to_micros(*one.until) : 0);
    out.var(one.reason);
  }
  return out.take();
}

Result<std::vector<Suppression>> decode_suppressions(std::string_view octets) {
  base::Decoder in(octets);
  if (in.u8() != version) return octets.empty() ? Errc::damaged : Errc::unknown_version;
  std::vector<Suppression> list;
  while (!in.at_end()) {
    Suppression one;
    if (!take(in, one) || list.size() >= Suppressions::most) return Errc::damaged;
    if (!list.empty() && one.what <= list.back().what) return Errc::damaged;
    list.push_back(std::move(one));
  }
  if (!in.ok()) return Errc::damaged;
  return list;
}

}  // namespace mailpod::queue
