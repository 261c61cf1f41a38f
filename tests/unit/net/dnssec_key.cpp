#include "dnssec_key.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace mailpod::net {

namespace {

constexpr unsigned type_rrsig = 46;
constexpr unsigned type_dnskey = 48;
constexpr unsigned zone_key = 257;  // with the secure entry point, RFC 4034 §2.1.1
constexpr unsigned algorithm = 15;  // Ed25519, RFC 8080 §3
constexpr unsigned day = 86'400;    // seconds

std::string u32(unsigned value) {
  return wire_u16(value >> 16U) + wire_u16(value & 0xFFFFU);
}

/// RFC 4034 Appendix B
unsigned tag_of(const std::string& rdata) {
  unsigned long sum = 0;
  for (std::size_t i = 0; i < rdata.size(); ++i) {
    const auto octet = static_cast<unsigned char>(rdata[i]);
    sum += i % 2 == 0 ? static_cast<unsigned long>(octet) << 8U : octet;
  }
  return static_cast<unsigned>((sum + (sum >> 16U)) & 0xFFFFU);
}

unsigned labels_of(const std::string& name) {
  return static_cast<unsigned>(std::ranges::count(name, '.')) + 1;
}

std::string public_octets(EVP_PKEY* key) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

std::string signature(EVP_PKEY* key, const std::string& octets) {
  std::string out(64, '\0');
  std::size_t size = out.size();
  EVP_MD_CTX* signing = EVP_MD_CTX_new();
  EVP_DigestSignInit(signing, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(signing, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
  EVP_MD_CTX_free(signing);
  return out;
}

}  // namespace

DnssecKey::DnssecKey(std::string zone) : zone_(std::move(zone)), key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) {}

DnssecKey::~DnssecKey() {
  EVP_PKEY_free(key_);
}

DnsServer::Record DnssecKey::record() const {
  const std::string rdata = wire_u16(zone_key) + '\x03' + static_cast<char>(algorithm) + public_octets(key_);
  return {zone_, type_dnskey, rdata};
}

std::string DnssecKey::trust_anchor() const {
  const std::string octets = public_octets(key_);
  std::string text(48, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()), 32);
  return fmt::format("{}. IN DNSKEY {} 3 {} {}\n", zone_, zone_key, algorithm,
                     text.substr(0, static_cast<std::size_t>(size)));
}

/// RFC 4034 §3.1.8.1
std::vector<DnsServer::Record> DnssecKey::sign(std::vector<DnsServer::Record> records) const {
  std::ranges::sort(records, {}, &DnsServer::Record::rdata);
  const auto& first = records.front();
  const auto now = static_cast<unsigned>(std::time(nullptr));
  std::string rrsig = wire_u16(first.type) + static_cast<char>(algorithm) + static_cast<char>(labels_of(first.name)) +
                      u32(first.ttl) + u32(now + day) + u32(now - day) + wire_u16(tag_of(record().rdata)) +
                      wire_name(zone_);
  std::string octets = rrsig;
  for (const auto& each : records) {
    octets += wire_name(each.name) + wire_u16(each.type) + wire_u16(1) + u32(each.ttl) +
              wire_u16(static_cast<unsigned>(each.rdata.size())) + each.rdata;
  }
  records.push_back({first.name, type_rrsig, rrsig + signature(key_, octets), first.ttl});
  return records;
}

}  // namespace mailpod::net
