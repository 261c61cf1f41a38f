#pragma once

#include <string>
#include <vector>

#include <mailpod/net/tls.hpp>

namespace mailpod::net {

/// A self-signed certificate and its key, made for one test, in PEM.
struct MadeCertificate {
  std::string chain;
  std::string key;
};
MadeCertificate make_certificate(const std::vector<std::string>& names);

/// A context with one made certificate for each list of names.
std::shared_ptr<const TlsContext> make_tls(const std::vector<std::vector<std::string>>& names);

}  // namespace mailpod::net
