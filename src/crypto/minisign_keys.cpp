#include <mailpod/crypto/minisign.hpp>

#include <algorithm>
#include <new>
#include <ranges>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>

#include "base64.hpp"
#include "minisign_lines.hpp"
#include "sodium.hpp"

// minisign's key files. Its integers are little-endian; its fields are fixed in length.
namespace mailpod::crypto::minisign {

namespace {

constexpr std::string_view key_algorithm = "Ed";
constexpr std::string_view checksum_algorithm = "B2";  // BLAKE2b-256
constexpr std::string_view scrypt_algorithm = "Sc";
constexpr std::string_view no_algorithm("\0\0", 2);

constexpr std::size_t public_length = 2 + 8 + 32;
constexpr std::size_t salt_length = 32;
constexpr std::size_t secret_length = 64;  // Ed25519 seed and public key
constexpr std::size_t checksum_length = 32;
constexpr std::size_t sealed_length = 8 + secret_length + checksum_length;  // key id, secret, checksum
constexpr std::size_t file_length = 2 + 2 + 2 + salt_length + 8 + 8 + sealed_length;

static_assert(salt_length == crypto_pwhash_scryptsalsa208sha256_SALTBYTES);

std::uint64_t little_endian(std::string_view octets) {
  std::uint64_t value = 0;
  for (const char octet : std::views::reverse(octets)) value = value << 8 | static_cast<unsigned char>(octet);
  return value;
}

/// Octets that are overwritten when they go out of scope.
class Secret {
public:
  explicit Secret(std::string octets) : octets_(std::move(octets)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(octets_); }
  std::string& octets() { return octets_; }
  std::string_view view() const { return octets_; }

private:
  std::string octets_;
};

std::string checksum(std::string_view id_and_secret) {
  const auto covered = Secret(std::string(key_algorithm).append(id_and_secret));
  std::string digest(checksum_length, '\0');
  crypto_generichash(raw(digest.data()), digest.size(), raw(covered.view()), covered.view().size(), nullptr, 0);
  return digest;
}

/// Takes scrypt's mask off the sealed part of an encrypted file.
Status unmask(std::string& sealed, std::string_view salt, std::string_view limits, std::string_view passphrase) {
  if (passphrase.empty()) return Errc::passphrase_needed;
  const auto operations = little_endian(limits.substr(0, 8));
  const auto memory = little_endian(limits.substr(8, 8));
  if (operations > crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE ||
      memory > crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE) {
    return Errc::excessive_work;
  }
  Secret mask(std::string(sealed.size(), '\0'));
  if (crypto_pwhash_scryptsalsa208sha256(raw(mask.octets().data()), mask.view().size(), passphrase.data(),
                                         passphrase.size(), raw(salt), operations,
                                         static_cast<std::size_t>(memory)) != 0) {
    throw std::bad_alloc();
  }
  std::ranges::transform(sealed, mask.view(), sealed.begin(), [](char a, char b) { return static_cast<char>(a ^ b); });
  return {};
}

Result<PublicKey> public_key_from(std::string_view octets) {
  if (!octets.starts_with(key_algorithm)) return Errc::unknown_algorithm;
  return PublicKey{*base::byte_array<8>(octets.substr(2, 8)), *base::byte_array<32>(octets.substr(10))};
}

}  // namespace

std::string PublicKey::str() const {
  std::string octets(key_algorithm);
  octets.append(base::octets(id)).append(base::octets(key));
  return write_base64(octets, Padding::required);
}

std::string PublicKey::id_text() const {
  auto text = base::hex(std::string(base::octets(id).rbegin(), base::octets(id).rend()));
  for (auto& digit : text) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  return text;
}

/// To the octet as the program writes it: its comment has the id as a number, without leading zeros.
std::string PublicKey::file() const {
  const std::string id_of_16 = id_text();
  const auto id = std::string_view(id_of_16).substr(std::min(id_of_16.find_first_not_of('0'), id_of_16.size() - 1));
  return fmt::format("{}minisign public key {}\n{}\n", untrusted_prefix, id, str());
}

Result<PublicKey> parse_public_key(std::string_view line) {
  const auto octets = octets_of_line(line, public_length);
  if (!octets) return octets.error();
  return public_key_from(*octets);
}

Result<PublicKey> parse_public_key_file(std::string_view text) {
  auto lines = Lines::of(text);
  if (!lines) return lines.error();
  if (const auto comment = lines->comment(untrusted_prefix); !comment) return comment.error();
  const auto octets = lines->base64(public_length);
  if (!octets) return octets.error();
  if (const auto end = lines->end(); !end) return end.error();
  return public_key_from(*octets);
}

SecretKey SecretKey::random(KeyArena& arena, base::Entropy& entropy) {
  const auto id = entropy.bytes<8>();
  return SecretKey(id, SigningKey::random(arena, entropy));
}

std::string SecretKey::file() const {
  Secret octets{std::string(key_algorithm)};
  // minisign -W leaves the derivation's fields and the checksum zero.
  octets.octets().append(no_algorithm).append(checksum_algorithm).append(salt_length + 8 + 8, '\0');
  octets.octets().append(base::octets(public_.id)).append(key_.seed().octets()).append(base::octets(public_.key));
  octets.octets().append(checksum_length, '\0');
  Secret line(write_base64(octets.view(), Padding::required));
  return std::string(untrusted_prefix) + "minisign encrypted secret key\n" + line.octets() + "\n";
}

Result<SecretKey> parse_secret_key_file(KeyArena& arena, std::string_view text, std::string_view passphrase) {
  auto lines = Lines::of(text);
  if (!lines) return lines.error();
  if (const auto comment = lines->comment(untrusted_prefix); !comment) return comment.error();
  auto octets = lines->base64(file_length);
  if (!octets) return octets.error();
  const Secret file(std::move(*octets));
  if (const auto end = lines->end(); !end) return end.error();

  base::Decoder fields(file.view());
  const auto algorithm = fields.fixed(2);
  const auto derivation = fields.fixed(2);
  const auto check = fields.fixed(2);
  const auto salt = fields.fixed(salt_length);
  const auto limits = fields.fixed(8 + 8);
  const bool encrypted = derivation == scrypt_algorithm;
  if (algorithm != key_algorithm || check != checksum_algorithm || (!encrypted && derivation != no_algorithm)) {
    return Errc::unknown_algorithm;
  }
  Secret sealed{std::string(fields.fixed(sealed_length))};
  if (encrypted) {
    if (const auto unmasked = unmask(sealed.octets(), salt, limits, passphrase); !unmasked) return unmasked.error();
  }
  const auto id_and_secret = sealed.view().substr(0, 8 + secret_length);
  const auto sum = sealed.view().substr(8 + secret_length);
  const bool no_sum = !encrypted && sum == std::string(checksum_length, '\0');
  if (!no_sum && !equal_in_constant_time(sum, checksum(id_and_secret))) return Errc::bad_checksum;

  SecretKey key(*base::byte_array<8>(id_and_secret.substr(0, 8)),
                SigningKey(Key::copy_of(arena, id_and_secret.substr(8, Key::size))));
  // The stored public half is redundant, so it has to be right: a signature under another one would leak the secret.
  if (base::octets(key.public_key().key) != id_and_secret.substr(8 + Key::size)) return Errc::malformed_key;
  return key;
}

}  // namespace mailpod::crypto::minisign
