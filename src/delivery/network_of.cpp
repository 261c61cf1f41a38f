#include "network_of.hpp"

#include <arpa/inet.h>

#include <array>

namespace mailpod::delivery {

std::string address_octets(std::string_view address) {
  const std::string text(address);
  std::array<char, 4> four{};
  if (::inet_pton(AF_INET, text.c_str(), four.data()) == 1) return {four.data(), four.size()};
  std::array<char, 16> sixteen{};
  if (::inet_pton(AF_INET6, text.c_str(), sixteen.data()) != 1) return {};
  std::string octets(sixteen.data(), sixteen.size());
  const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return octets.starts_with(mapped) ? octets.substr(mapped.size()) : octets;
}

std::string network_of(std::string_view address) {
  const std::string octets = address_octets(address);
  return octets.substr(0, octets.size() == 4 ? 3 : 8);
}

}  // namespace mailpod::delivery
