#include <mailpod/net/error.hpp>

#include <string>

namespace mailpod::net {

namespace {

class Category final : public std::error_category {
public:
  const char* name() const noexcept override { return "net"; }
  std::string message(int code) const override {
    switch (static_cast<Errc>(code)) {
      case Errc::peer_closed:
        return "the peer closed the connection too early";
      case Errc::shutting_down:
        return "the server is shutting down";
      case Errc::tls_handshake_failed:
        return "the TLS handshake failed";
      case Errc::tls_broken:
        return "the TLS connection is broken";
      case Errc::bad_certificate:
        return "the certificate or its key cannot be used";
      case Errc::busy:
        return "too much is waiting already";
      case Errc::no_such_name:
        return "the name does not exist in the DNS";
      case Errc::no_such_record:
        return "the name has no record of this type in the DNS";
      case Errc::lookup_failed:
        return "the DNS did not answer";
      case Errc::bogus_answer:
        return "the DNS answer does not pass DNSSEC validation";
    }
    return "unknown";
  }
};

}  // namespace

const std::error_category& category() {
  static const Category instance;
  return instance;
}

std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), category()};
}

}  // namespace mailpod::net
