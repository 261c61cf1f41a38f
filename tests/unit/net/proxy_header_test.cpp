#include <mailpod/net/proxy_header.hpp>

#include <gtest/gtest.h>

namespace mailpod::net {
namespace {

using namespace std::string_literals;
using State = ProxyHeader::State;

std::string line(const std::string& words) {
  return "PROXY " + words + "\r\n";
}

/// Version 2: command and family as they are, `block` with its length before it.
std::string binary(unsigned char command, unsigned char family, const std::string& block) {
  std::string out = "\r\n\r\n\0\r\nQUIT\n"s;
  out += static_cast<char>(command);
  out += static_cast<char>(family);
  out += static_cast<char>(block.size() >> 8);
  out += static_cast<char>(block.size() & 0xff);
  return out + block;
}

std::string client_of(const std::string& octets) {
  const ProxyHeader header = parse_proxy_header(octets);
  if (header.state != State::complete) return header.state == State::malformed ? "malformed" : "incomplete";
  return header.client ? header.client->address + " " + std::to_string(header.client->port) : "nobody";
}

const std::string v4_block = "\xc0\x00\x02\x07\xc0\x00\x02\x01\x1f\x90\x00\x19"s;
const std::string v6_block =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1f\x90\x00\x19"s;

TEST(ProxyHeader, OfVersionOneIsALine) {
  EXPECT_EQ(client_of(line("TCP4 192.0.2.7 192.0.2.1 8080 25")), "192.0.2.7 8080");
  EXPECT_EQ(client_of(line("TCP6 2001:DB8::7 2001:db8::1 65535 0")), "2001:db8::7 65535");
  EXPECT_EQ(client_of(line("TCP6 ::ffff:192.0.2.7 ::1 1 25")), "192.0.2.7 1");
  EXPECT_EQ(client_of(line("UNKNOWN")), "nobody");
  EXPECT_EQ(client_of(line("UNKNOWN ffff::1 whatever")), "nobody");
}

TEST(ProxyHeader, OfVersionOneIsStrict) {
  for (const auto* words :
       {"TCP4 192.0.2.7 192.0.2.1 8080", "TCP4 192.0.2.7 192.0.2.1 8080 25 1", "TCP4  192.0.2.7 192.0.2.1 8080 25",
        "TCP4 2001:db8::7 192.0.2.1 8080 25", "TCP6 192.0.2.7 192.0.2.1 8080 25", "TCP4 192.0.2.7 192.0.2.1 65536 25",
        "TCP4 192.0.2.7 192.0.2.1 080 25", "TCP4 192.0.2.7 192.0.2.1 -1 25", "TCP4 192.0.2.7 x 8080 25", "UDP4 a b 1 2",
        "tcp4 192.0.2.7 192.0.2.1 8080 25", "unknown", " UNKNOWN", "TCP4 192.0.2.7 192.0.2.1 8080 25 ", "UNKNOWNX"}) {
    EXPECT_EQ(client_of(line(words)), "malformed") << words;
  }
  EXPECT_EQ(client_of("PROXY UNKNOWN\n"), "malformed");
  EXPECT_EQ(client_of("proxy UNKNOWN\r\n"), "malformed");
  EXPECT_EQ(client_of("EHLO x\r\n"), "malformed");
  EXPECT_EQ(client_of("\x16\x03\x01"), "malformed");
  EXPECT_EQ(client_of("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "nobody") << "107 octets";
  EXPECT_EQ(client_of("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "malformed") << "108 octets";
  EXPECT_EQ(client_of("PROXY UNKNOWN " + std::string(200, 'x')), "malformed");
}

TEST(ProxyHeader, OfVersionTwoIsBinary) {
  EXPECT_EQ(client_of(binary(0x21, 0x11, v4_block)), "192.0.2.7 8080");
  EXPECT_EQ(client_of(binary(0x21, 0x21, v6_block)), "2001:db8::7 8080");
  EXPECT_EQ(client_of(binary(0x21, 0x11, v4_block + "\x04\x00\x01x"s)), "192.0.2.7 8080") << "with a TLV";
  EXPECT_EQ(client_of(binary(0x20, 0x00, "")), "nobody") << "LOCAL";
  EXPECT_EQ(client_of(binary(0x20, 0x11, v4_block)), "nobody") << "LOCAL";
  EXPECT_EQ(client_of(binary(0x21, 0x00, "x")), "nobody") << "UNSPEC";
}

TEST(ProxyHeader, OfVersionTwoIsStrict) {
  EXPECT_EQ(client_of(binary(0x11, 0x11, v4_block)), "malformed") << "version 1 in binary";
  EXPECT_EQ(client_of(binary(0x22, 0x11, v4_block)), "malformed") << "unknown command";
  EXPECT_EQ(client_of(binary(0x21, 0x12, v4_block)), "malformed") << "UDP";
  EXPECT_EQ(client_of(binary(0x21, 0x31, std::string(216, 'x'))), "malformed") << "a local socket";
  EXPECT_EQ(client_of(binary(0x21, 0x11, v4_block.substr(1))), "malformed") << "too short";
  EXPECT_EQ(client_of(binary(0x21, 0x21, v6_block.substr(1))), "malformed") << "too short";
  EXPECT_EQ(client_of(binary(0x21, 0x11, std::string(2033, 'x'))), "malformed") << "too long";
}

TEST(ProxyHeader, IsReadToItsEndAndNoFurther) {
  for (const std::string& whole : {line("TCP4 192.0.2.7 192.0.2.1 8080 25"), line("UNKNOWN"),
                                   binary(0x21, 0x11, v4_block), binary(0x21, 0x21, v6_block), binary(0x20, 0, "")}) {
    std::string octets;
    ProxyHeader header = parse_proxy_header(octets);
    while (header.state == State::incomplete) {
      ASSERT_GT(header.more, 0U);
      ASSERT_LE(octets.size() + header.more, whole.size());
      octets = whole.substr(0, octets.size() + header.more);
      header = parse_proxy_header(octets);
    }
    EXPECT_EQ(header.state, State::complete);
    EXPECT_EQ(octets, whole);
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_EQ(parse_proxy_header(whole.substr(0, length)).state, State::incomplete);
  }
}

}  // namespace
}  // namespace mailpod::net
