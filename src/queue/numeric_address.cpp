#include "numeric_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include <mailpod/text/ascii.hpp>

namespace mailpod::queue {

namespace {

NumericAddress from_v4(const in_addr& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  const std::uint32_t number = ntohl(address.s_addr);
  return {text.data(), (number >> 24) == 127 || (number >> 24) == 0};
}

NumericAddress from_v6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr mapped{};
    std::memcpy(&mapped, &address.s6_addr[12], sizeof mapped);
    return from_v4(mapped);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return {text.data(), IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)};
}

}  // namespace

std::optional<NumericAddress> parse_numeric_address(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  in_addr v4{};
  if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) return from_v4(v4);
  in6_addr v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), &v6) == 1) return from_v6(v6);
  return std::nullopt;
}

std::optional<NumericAddress> parse_address_literal(std::string_view literal) {
  if (!literal.starts_with('[') || !literal.ends_with(']') || literal.size() < 2) return std::nullopt;
  std::string_view address = literal.substr(1, literal.size() - 2);
  if (text::starts_with_fold(address, "IPv6:")) {
    address.remove_prefix(5);
    if (address.find(':') == std::string_view::npos) return std::nullopt;
  }
  return parse_numeric_address(address);
}

}  // namespace mailpod::queue
