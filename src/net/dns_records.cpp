#include "dns_records.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include <mailpod/base/bytes.hpp>

#include "dns_names.hpp"

namespace mailpod::net {

namespace {

/// The octets of a numeric address as text; nothing if they are not `size`.
std::optional<std::string> numeric(int family, std::string_view octets, std::size_t size) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (octets.size() != size || inet_ntop(family, octets.data(), text.data(), text.size()) == nullptr) return {};
  return text.data();
}

bool was_all(const base::Decoder& in) {
  return in.ok() && in.at_end();
}

}  // namespace

std::optional<Mx> parse_mx(std::string_view rdata) {
  base::Decoder in(rdata);
  Mx mx;
  mx.preference = in.u16();
  mx.exchange = take_name(in);
  if (!was_all(in)) return std::nullopt;
  return mx;
}

std::optional<std::string> parse_a(std::string_view rdata) {
  return numeric(AF_INET, rdata, sizeof(in_addr));
}

std::optional<std::string> parse_aaaa(std::string_view rdata) {
  return numeric(AF_INET6, rdata, sizeof(in6_addr));
}

std::optional<std::string> parse_txt(std::string_view rdata) {
  if (rdata.empty()) return std::nullopt;
  base::Decoder in(rdata);
  std::string joined;
  while (!in.at_end()) {
    const std::uint8_t length = in.u8();
    joined += in.fixed(length);
  }
  if (!in.ok()) return std::nullopt;
  return joined;
}

std::optional<Tlsa> parse_tlsa(std::string_view rdata) {
  base::Decoder in(rdata);
  Tlsa tlsa;
  tlsa.usage = in.u8();
  tlsa.selector = in.u8();
  tlsa.matching_type = in.u8();
  tlsa.data = in.rest();
  // RFC 7672 §3.1: a malformed record is an unusable one, and says nothing of those beside it.
  return in.ok() ? tlsa : Tlsa();
}

std::optional<std::string> parse_name_rdata(std::string_view rdata) {
  base::Decoder in(rdata);
  std::string name = take_name(in);
  if (!was_all(in)) return std::nullopt;
  return name;
}

}  // namespace mailpod::net
