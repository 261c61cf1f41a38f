#pragma once

#include <string>
#include <vector>

#include "dns_server.hpp"

struct evp_pkey_st;

namespace mailpod::net {

/// The key of a zone of a test's own: Ed25519, the same for keys and data.
class DnssecKey {
public:
  explicit DnssecKey(std::string zone);
  ~DnssecKey();
  DnssecKey(const DnssecKey&) = delete;
  DnssecKey& operator=(const DnssecKey&) = delete;

  /// Its DNSKEY record, as the zone has it, and as a file of trust anchors has it.
  DnsServer::Record record() const;
  std::string trust_anchor() const;

  /// The records, all of one name and type, and their RRSIG.
  std::vector<DnsServer::Record> sign(std::vector<DnsServer::Record> records) const;

private:
  std::string zone_;
  evp_pkey_st* key_;
};

}  // namespace mailpod::net
