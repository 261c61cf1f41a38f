#include "dkim_key_file.hpp"

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>

namespace mailpod::mailauth {

namespace {

constexpr std::string_view magic = "MDKM";
constexpr std::uint8_t version = 1;

std::string clear_head() {
  return base::Encoder().fixed(magic).u8(version).take();
}

/// A file of one selector put in the place of another's does not open.
std::string associated_data(const std::string& domain, const std::string& selector) {
  return base::Encoder().var("mailpod/v1/dkim-key").var(domain).var(selector).fixed(clear_head()).take();
}

bool is_algorithm(std::uint8_t value) {
  return value == static_cast<std::uint8_t>(Algorithm::rsa_sha256) ||
         value == static_cast<std::uint8_t>(Algorithm::ed25519_sha256);
}

bool is_state(std::uint8_t value) {
  return value >= static_cast<std::uint8_t>(KeyState::prepared) &&
         value <= static_cast<std::uint8_t>(KeyState::retired);
}

Result<KeyEntry> decode(std::string_view plain, crypto::KeyArena& arena) {
  base::Decoder in(plain);
  const std::uint8_t algorithm = in.u8();
  const std::uint8_t state = in.u8();
  KeyEntry entry;
  entry.made = base::from_seconds(in.u64());
  entry.since = base::from_seconds(in.u64());
  const std::string_view secret = in.var();
  if (!in.ok() || !in.at_end() || !is_algorithm(algorithm) || !is_state(state)) return Errc::damaged;
  entry.state = static_cast<KeyState>(state);
  auto key = DkimKey::parse(static_cast<Algorithm>(algorithm), secret, arena);
  if (!key) return key.error();
  entry.key = std::make_shared<const DkimKey>(std::move(*key));
  return entry;
}

}  // namespace

crypto::Key dkim_sealing_key(const crypto::Key& server_key) {
  return crypto::hkdf_key(server_key.arena(), server_key.octets(), {}, "mailpod/v1/dkim");
}

std::string write_key_file(const KeyEntry& entry, const crypto::Key& sealing_key, base::Entropy& entropy) {
  std::string secret = entry.key->secret();
  base::Encoder out;
  out.u8(static_cast<std::uint8_t>(entry.key->algorithm())).u8(static_cast<std::uint8_t>(entry.state));
  out.u64(base::to_seconds(entry.made)).u64(base::to_seconds(entry.since)).var(secret);
  std::string plain = out.take();
  const auto sealed = crypto::seal(sealing_key, entropy, associated_data(entry.domain, entry.selector), plain);
  crypto::wipe(plain);
  crypto::wipe(secret);
  return clear_head() + sealed;
}

Result<KeyEntry> parse_key_file(std::string_view octets, const std::string& domain, const std::string& selector,
                                const crypto::Key& sealing_key) {
  base::Decoder in(octets);
  if (in.fixed(magic.size()) != magic) return Errc::damaged;
  const std::uint8_t written_by = in.u8();
  if (!in.ok()) return Errc::damaged;
  if (written_by != version) return Errc::unknown_version;
  auto plain = crypto::open(sealing_key, associated_data(domain, selector), in.rest());
  if (!plain) return Errc::damaged;
  auto entry = decode(*plain, sealing_key.arena());
  crypto::wipe(*plain);
  if (!entry) return entry;
  entry->domain = domain;
  entry->selector = selector;
  return entry;
}

}  // namespace mailpod::mailauth
