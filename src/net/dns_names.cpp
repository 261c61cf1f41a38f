#include "dns_names.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace mailpod::net {

namespace {

constexpr std::size_t max_label = 63;       // octets, RFC 1035 §2.3.4
constexpr std::size_t max_name_text = 253;  // 255 on the wire: the first label's length and the root take two

bool may_stand_in_a_label(char octet) {
  return octet > ' ' && octet <= '~' && octet != '.' && octet != '\\';
}

char lower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

/// Appends `label`, checked and in lower case.
bool append_label(std::string& name, std::string_view label) {
  if (label.empty() || label.size() > max_label) return false;
  if (!std::ranges::all_of(label, may_stand_in_a_label)) return false;
  if (!name.empty()) name += '.';
  std::ranges::transform(label, std::back_inserter(name), lower);
  return name.size() <= max_name_text;
}

}  // namespace

std::optional<std::string> question_name(std::string_view name) {
  std::string out;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!append_label(out, name.substr(0, dot))) return std::nullopt;
    if (dot == std::string_view::npos) return out;
    name.remove_prefix(dot + 1);
  }
}

std::optional<std::string> reverse_name(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    const auto octets = std::span(reinterpret_cast<const unsigned char*>(&v4), sizeof v4);
    return fmt::format("{}.{}.{}.{}.in-addr.arpa", octets[3], octets[2], octets[1], octets[0]);
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.c_str(), &v6) != 1) return std::nullopt;
  std::string out;
  for (std::size_t i = sizeof v6.s6_addr; i-- > 0;) {
    out += fmt::format("{:x}.{:x}.", v6.s6_addr[i] & 0xF, v6.s6_addr[i] >> 4);
  }
  return out + "ip6.arpa";
}

std::string take_name(base::Decoder& in) {
  std::string name;
  while (const std::uint8_t length = in.u8()) {
    // The upper two bits make it a pointer (RFC 1035 §4.1.4) or nothing known: longer than any label, so refused.
    if (!append_label(name, in.fixed(length))) in.fail();
  }
  return in.ok() ? name : std::string{};
}

}  // namespace mailpod::net
