#pragma once

#include <string>

#include <mailpod/net/tlsa.hpp>

#include "certificate.hpp"

namespace mailpod::net {

/// How the certificates of a DaneChain are.
struct DaneChainWishes {
  std::string name = "mx.pod.lab";  ///< for which the server's certificate is
  bool expired = false;             ///< the server's
};

/// A server's certificate and the one of the authority that has signed it, both shown; and what can be said of them.
struct DaneChain {
  MadeCertificate shown;
  // Octets in DER.
  std::string certificate, key;
  std::string authority, authority_key;
  std::string authority_pem;
};
DaneChain make_dane_chain(const DaneChainWishes& wishes = {});

/// SHA-256 and SHA-512, octets.
std::string sha256_of(const std::string& octets);
std::string sha512_of(const std::string& octets);

}  // namespace mailpod::net
