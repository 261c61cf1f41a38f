#include <mailpod/crypto/age.hpp>

#include "age_cipher.hpp"
#include "bech32.hpp"

namespace mailpod::crypto {

namespace {

constexpr std::string_view recipient_prefix = "age";
constexpr std::string_view identity_prefix = "age-secret-key-";

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

}  // namespace

std::string AgeRecipient::str() const {
  return write_bech32(recipient_prefix, base::octets(point));
}

Result<AgeRecipient> AgeRecipient::parse(std::string_view text) {
  // Recipients are written in lower case, identities in upper case; the other case is another text (age.md).
  if (!text.starts_with(recipient_prefix)) return Errc::bad_bech32;
  const auto octets = parse_bech32(recipient_prefix, text);
  const auto point = octets ? base::byte_array<32>(*octets) : std::nullopt;
  if (!point) return Errc::bad_bech32;
  return AgeRecipient{*point};
}

AgeIdentity AgeIdentity::random(KeyArena& arena, base::Entropy& entropy) {
  return AgeIdentity(Key::random(arena, entropy));
}

AgeIdentity::AgeIdentity(Key secret) : secret_(std::move(secret)), recipient_{x25519_point(secret_.data())} {}

Result<AgeIdentity> AgeIdentity::parse(KeyArena& arena, std::string_view text) {
  if (!text.starts_with("AGE-SECRET-KEY-")) return Errc::bad_bech32;
  auto octets = parse_bech32(identity_prefix, text);
  if (!octets || octets->size() != Key::size) return Errc::bad_bech32;
  auto key = Key::copy_of(arena, *octets);
  wipe(*octets);
  return AgeIdentity(std::move(key));
}

std::string AgeIdentity::str() const {
  auto text = write_bech32(identity_prefix, secret_.octets());
  for (auto& letter : text) letter = upper(letter);
  return text;
}

}  // namespace mailpod::crypto
