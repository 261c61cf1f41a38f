#include "origin.hpp"

#include <charconv>

#include <arpa/inet.h>

namespace mailpod::guard {

std::optional<std::string> octets_of(std::string_view address) {
  const std::string text(address);
  char octets[16];
  if (::inet_pton(AF_INET, text.c_str(), octets) == 1) return std::string(octets, 4);
  if (::inet_pton(AF_INET6, text.c_str(), octets) != 1) return std::nullopt;
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::string_view all(octets, 16);
  return std::string(all.starts_with(mapped) ? all.substr(12) : all);
}

bool Network::holds(std::string_view address) const {
  if (address.size() != octets.size()) return false;
  for (unsigned bit = 0; bit < bits; bit += 8) {
    const unsigned counted = std::min(8U, bits - bit);
    const auto mask = static_cast<unsigned char>(0xff00U >> counted);
    const auto ours = static_cast<unsigned char>(octets[bit / 8]);
    const auto theirs = static_cast<unsigned char>(address[bit / 8]);
    if (((ours ^ theirs) & mask) != 0) return false;
  }
  return true;
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  auto octets = octets_of(text.substr(0, slash));
  if (!octets) return std::nullopt;
  auto bits = static_cast<unsigned>(octets->size() * 8);
  if (slash != std::string_view::npos) {
    const auto* const end = text.data() + text.size();
    unsigned given = 0;
    const auto [stopped, error] = std::from_chars(text.data() + slash + 1, end, given);
    if (error != std::errc() || stopped != end || given > bits) return std::nullopt;
    bits = given;
  }
  return Network{std::move(*octets), bits};
}

}  // namespace mailpod::guard
