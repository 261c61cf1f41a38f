#include <mailpod/net/network.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace mailpod::net {

namespace {

using Octets = std::array<unsigned char, 16>;
constexpr unsigned mapped_bits = 96;  // before an IPv4 address in IPv6

std::optional<Octets> octets_of(const std::string& address) {
  Octets octets{};
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) return octets;
  octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, address.c_str(), octets.data() + 12) == 1) return octets;
  return std::nullopt;
}

/// The first `prefix` bits, the others zero.
Octets cut(Octets octets, unsigned prefix) {
  for (unsigned i = 0; i < octets.size(); ++i) {
    const unsigned bits = std::min(8U, prefix - std::min(prefix, 8 * i));
    octets[i] = static_cast<unsigned char>(octets[i] & (0xff00U >> bits));
  }
  return octets;
}

std::optional<unsigned> parse_prefix(std::string_view digits, unsigned most) {
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || prefix > most) return std::nullopt;
  return prefix;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  // inet_pton would stop reading at a NUL.
  if (address.find('\0') != std::string::npos) return std::nullopt;
  const auto octets = octets_of(address);
  if (!octets) return std::nullopt;
  Network network;
  network.address_ = *octets;
  if (slash != std::string_view::npos) {
    const bool is_v4 = address.find(':') == std::string::npos;
    const auto prefix = parse_prefix(text.substr(slash + 1), is_v4 ? 32 : 128);
    if (!prefix) return std::nullopt;
    network.prefix_ = is_v4 ? mapped_bits + *prefix : *prefix;
  }
  if (cut(network.address_, network.prefix_) != network.address_) return std::nullopt;
  return network;
}

std::string Network::str() const {
  const bool is_v4 = prefix_ >= mapped_bits && cut(address_, mapped_bits) == cut(*octets_of("0.0.0.0"), mapped_bits);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4) {
    inet_ntop(AF_INET, address_.data() + 12, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address_.data(), text.data(), text.size());
  }
  const unsigned prefix = is_v4 ? prefix_ - mapped_bits : prefix_;
  return prefix_ == 128 ? text.data() : std::string(text.data()) + '/' + std::to_string(prefix);
}

bool Network::contains(std::string_view address) const {
  const auto octets = octets_of(std::string(address));
  return octets && cut(*octets, prefix_) == address_;
}

bool any_contains(std::span<const Network> networks, std::string_view address) {
  return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

}  // namespace mailpod::net
