#include "ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace mailpod::mailauth {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string address(text);
  // inet_pton would stop reading at a NUL.
  if (address.find('\0') != std::string::npos) return std::nullopt;
  IpAddress parsed;
  if (inet_pton(AF_INET, address.c_str(), parsed.octets_.data()) == 1) {
    parsed.v4_ = true;
    return parsed;
  }
  if (inet_pton(AF_INET6, address.c_str(), parsed.octets_.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::ranges::equal(mapped, std::span(parsed.octets_).first(mapped.size()))) {
    std::ranges::copy(std::span(parsed.octets_).subspan(mapped.size()), parsed.octets_.begin());
    parsed.v4_ = true;
  }
  return parsed;
}

bool IpAddress::is_in(const IpAddress& network, unsigned prefix) const {
  if (v4_ != network.v4_) return false;
  const unsigned all = v4_ ? 32 : 128;
  prefix = std::min(prefix, all);
  for (unsigned bit = 0; bit < prefix; bit += 8) {
    const unsigned bits = std::min(8U, prefix - bit);
    const unsigned differing = static_cast<unsigned>(octets_[bit / 8]) ^ network.octets_[bit / 8];
    if ((differing & (0xff00U >> bits) & 0xffU) != 0) return false;
  }
  return true;
}

std::string IpAddress::str() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), text.data(), text.size());
  return text.data();
}

std::string IpAddress::dotted() const {
  if (v4_) return str();
  std::string out;
  for (const unsigned char octet : octets_) {
    if (!out.empty()) out += '.';
    out += fmt::format("{:X}.{:X}", octet >> 4, octet & 0xF);
  }
  return out;
}

}  // namespace mailpod::mailauth
