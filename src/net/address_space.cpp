#include <mailpod/net/address_space.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

#include <boost/asio/ip/address.hpp>

namespace mailpod::net {

namespace {

using Octets = std::array<std::uint8_t, 16>;

struct Block4 {
  std::uint32_t first;
  unsigned bits;
};

// All of https://www.iana.org/assignments/iana-ipv4-special-registry that is no single host of the internet's.
constexpr std::array special4{
    Block4{0x00000000, 8},   // this network
    Block4{0x0a000000, 8},   // private
    Block4{0x64400000, 10},  // behind a carrier's translator
    Block4{0x7f000000, 8},   // loopback
    Block4{0xa9fe0000, 16},  // link local: clouds keep secrets there
    Block4{0xac100000, 12},  // private
    Block4{0xc0000000, 24},  // protocol assignments, RFC 6890
    Block4{0xc0000200, 24},  // documentation
    Block4{0xc0586300, 24},  // 6to4 relays
    Block4{0xc0a80000, 16},  // private
    Block4{0xc6120000, 15},  // benchmarks
    Block4{0xc6336400, 24},  // documentation
    Block4{0xcb007100, 24},  // documentation
    Block4{0xe0000000, 4},   // multicast
    Block4{0xf0000000, 4},   // reserved, and the broadcast address
};

struct Block6 {
  Octets first;
  unsigned bits;
};

// Of what is unicast at large (2000::/3).
constexpr std::array special6{
    Block6{{0x20, 0x01, 0x00}, 23},        // protocol assignments: Teredo, ORCHID, benchmarks
    Block6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Block6{{0x20, 0x02}, 16},              // 6to4: an IPv4 address inside
    Block6{{0x3f, 0xff, 0x00}, 20},        // documentation
};
constexpr Block6 unicast{{0x20}, 3};
constexpr Block6 translated{{0x00, 0x64, 0xff, 0x9b}, 96};  // RFC 6052 §2.1

bool lies_in(const Octets& address, const Block6& block) {
  for (unsigned bit = 0; bit < block.bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (((address.at(bit / 8) ^ block.first.at(bit / 8)) & mask) != 0) return false;
  }
  return true;
}

bool is_global4(std::uint32_t address) {
  return std::ranges::none_of(special4,
                              [&](const Block4& block) { return (address ^ block.first) >> (32 - block.bits) == 0; });
}

bool is_global6(const Octets& address) {
  if (lies_in(address, translated)) {
    const auto octet = [&](std::size_t at) { return std::uint32_t{address.at(at)}; };
    return is_global4(octet(12) << 24 | octet(13) << 16 | octet(14) << 8 | octet(15));
  }
  return lies_in(address, unicast) &&
         std::ranges::none_of(special6, [&](const Block6& block) { return lies_in(address, block); });
}

}  // namespace

bool is_global(std::string_view text) {
  boost::system::error_code unreadable;
  const auto address = boost::asio::ip::make_address(text, unreadable);
  if (unreadable) return false;
  if (address.is_v4()) return is_global4(address.to_v4().to_uint());
  // An interface of this machine's is named: no DNS does that.
  if (address.to_v6().scope_id() != 0) return false;
  return is_global6(address.to_v6().to_bytes());
}

}  // namespace mailpod::net
