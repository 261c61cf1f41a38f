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
/// The same with a subject that is called differently.
MadeCertificate make_certificate(const std::vector<std::string>& subject, const std::vector<std::string>& names);

/// Its chain in a file of its own, which goes with it: whom a client trusts.
class AuthoritiesFile {
public:
  explicit AuthoritiesFile(const std::string& pem);
  ~AuthoritiesFile();
  AuthoritiesFile(const AuthoritiesFile&) = delete;
  AuthoritiesFile& operator=(const AuthoritiesFile&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// A context with this certificate.
std::shared_ptr<const TlsContext> tls_with(const MadeCertificate& certificate);
/// A context with one made certificate for each list of names.
std::shared_ptr<const TlsContext> make_tls(const std::vector<std::vector<std::string>>& names);

}  // namespace mailpod::net
