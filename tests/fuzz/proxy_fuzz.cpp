#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <mailpod/net/network.hpp>
#include <mailpod/net/proxy_header.hpp>

#include "../../src/smtp/xclient.hpp"

/// What proxies say: PROXY headers, XCLIENT, and the networks they are known by. A header is never read beyond its end
/// or its limits, and whoever it names has a numeric address.
namespace {

using namespace mailpod;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_header(std::string_view octets) {
  std::size_t taken = 0;
  while (true) {
    const net::ProxyHeader header = net::parse_proxy_header(octets.substr(0, taken));
    if (header.state == net::ProxyHeader::State::complete && header.client) {
      demand(net::Network::parse(header.client->address).has_value());
    }
    if (header.state != net::ProxyHeader::State::incomplete) return;
    demand(header.more > 0 && taken + header.more <= net::longest_proxy_header);
    taken += header.more;
    if (taken > octets.size()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  check_header(octets);
  const auto told = smtp::parse_xclient(octets);
  if (told && !told->address.empty()) demand(net::Network::parse(told->address).has_value());
  if (const auto network = net::Network::parse(octets)) {
    const std::string text = network->str();
    demand(net::Network::parse(text) == network);
    demand(network->contains(text.substr(0, text.find('/'))));
  }
  return 0;
}
