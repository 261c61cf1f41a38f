#include "code_key.hpp"

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::daemon {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                       c == '-' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string draw_code_key(base::Entropy& entropy) {
  auto random = entropy.bytes<20>();
  std::string out(base::octets(random));
  crypto::wipe(random);
  return out;
}

std::string write_code_uri(std::string_view issuer, std::string_view name, std::string_view key) {
  const auto from = percent_encoded(issuer);
  auto secret = text::write_base32(key);
  auto uri = fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}", from, percent_encoded(name), secret);
  crypto::wipe(secret);
  return uri;
}

}  // namespace mailpod::daemon
