#include "xclient.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <mailpod/base/bytes.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::smtp {

using text::Cursor;
using text::OctetSet;
using text::Parsed;

namespace {

constexpr OctetSet plain_xtext = text::octets::vchar - OctetSet("+=");
constexpr std::size_t longest_value = 255;  // octets, as they are written
constexpr std::array<std::string_view, 4> attributes = {"NAME", "ADDR", "PORT", "HELO"};

/// RFC 3461 §4; what it stands for is printable too.
Parsed<std::string> parse_value(Cursor& in) {
  const std::string_view written = in.take_while(text::octets::vchar, longest_value + 1);
  if (written.empty() || written.size() > longest_value) return in.error("a value of 1 to 255 octets");
  std::string value;
  Cursor xtext(written);
  while (!xtext.at_end()) {
    value += xtext.take_while(plain_xtext);
    if (xtext.at_end()) break;
    const auto digits = xtext.take('+') ? xtext.take_octets(2) : std::nullopt;
    const auto octet = digits ? base::unhex(*digits) : std::nullopt;
    if (!octet || !text::octets::vchar.contains(octet->front())) return in.error("xtext");
    value += *octet;
  }
  return value;
}

bool is_not_known(std::string_view value) {
  return value == "[UNAVAILABLE]" || value == "[TEMPUNAVAIL]";
}

/// Empty if it is no address.
std::string parse_address(std::string_view value) {
  constexpr std::string_view ipv6 = "IPV6:";
  std::array<unsigned char, 16> octets{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool is_v6 = text::starts_with_fold(value, ipv6);
  const std::string text(is_v6 ? value.substr(ipv6.size()) : value);
  const int family = is_v6 ? AF_INET6 : AF_INET;
  if (inet_pton(family, text.c_str(), octets.data()) != 1) return {};
  return inet_ntop(family, octets.data(), out.data(), out.size()) != nullptr ? out.data() : "";
}

}  // namespace

Parsed<Xclient> parse_xclient(std::string_view arguments) {
  Cursor in(arguments);
  Xclient told;
  std::array<bool, attributes.size()> seen{};
  do {
    const std::string name = text::upper(in.take_while(text::octets::alpha));
    const auto place = static_cast<std::size_t>(std::ranges::find(attributes, name) - attributes.begin());
    if (place == attributes.size() || !in.take('=')) return in.error("NAME, ADDR, PORT or HELO, and =");
    if (std::exchange(seen[place], true)) return in.error("each attribute once");
    auto value = parse_value(in);
    if (!value) return value.error();
    if (is_not_known(*value)) continue;
    if (name == "ADDR") {
      told.address = parse_address(*value);
      if (told.address.empty()) return in.error("a numeric address");
    } else if (name == "HELO") {
      told.helo = std::move(*value);
    }
  } while (in.take_space());
  if (!in.at_end()) return in.error("SP or the end of the line");
  return told;
}

}  // namespace mailpod::smtp
