#include <mailpod/http/path.hpp>

#include <mailpod/base/bytes.hpp>

#include "grammar.hpp"

namespace mailpod::http {
namespace {

constexpr std::size_t most_segments = 64;
constexpr text::OctetSet not_in_segments = text::octets::ctl | text::OctetSet("/\\");

/// Nothing for what is written with octets that a path has not, or stands for some that no segment may have.
std::optional<std::string> decode_segment(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (pchar.contains(text[at])) {
      out += text[at];
      continue;
    }
    const auto octet = text[at] == '%' && at + 2 < text.size() ? base::unhex(text.substr(at + 1, 2)) : std::nullopt;
    if (!octet || not_in_segments.contains(octet->front())) return std::nullopt;
    out += octet->front();
    at += 2;
  }
  if (out == "." || out == "..") return std::nullopt;
  return out;
}

}  // namespace

std::optional<Path> parse_path(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  Path path;
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto slash = text.find('/');
    auto segment = decode_segment(text.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    if (!segment || (segment->empty() && !last) || path.segments.size() == most_segments) return std::nullopt;
    path.segments.push_back(std::move(*segment));
    text = last ? std::string_view() : text.substr(slash);
  }
  return path;
}

std::string Path::str() const {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const auto& segment : segments) {
    out += '/';
    for (const char octet : segment) {
      if (pchar.contains(octet)) {
        out += octet;
        continue;
      }
      const auto value = static_cast<unsigned char>(octet);
      out += {'%', digits[value >> 4U], digits[value & 15U]};
    }
  }
  return out;
}

}  // namespace mailpod::http
