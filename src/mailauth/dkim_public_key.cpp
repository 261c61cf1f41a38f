#include "dkim_public_key.hpp"

#include <mailpod/crypto/digest.hpp>
#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::mailauth {

namespace {

/// Whether a list of words with colons between them holds one of two.
bool names(std::string_view list, std::string_view word, std::string_view or_else) {
  const std::string words = without_white_space(list);
  text::Cursor in(words);
  do {
    const auto found = in.take_until(text::OctetSet(":"));
    if (text::equal_fold(found, word) || text::equal_fold(found, or_else)) return true;
  } while (in.take(':'));
  return false;
}

/// False if the octets are no key of its kind.
bool read_key(std::string_view kind, std::string_view octets, DkimPublicKey& out) {
  if (text::equal_fold(kind, "rsa")) {
    auto key = crypto::RsaPublicKey::parse(octets);
    if (key) out.key = std::move(*key);
    return key.has_value();
  }
  if (!text::equal_fold(kind, "ed25519")) return false;
  const auto key = base::byte_array<32>(octets);
  if (key) out.key = *key;
  return key.has_value();
}

}  // namespace

bool DkimPublicKey::is_for(Algorithm algorithm) const {
  return algorithm == Algorithm::rsa_sha256 ? std::holds_alternative<crypto::RsaPublicKey>(key)
                                            : std::holds_alternative<crypto::PublicKey>(key);
}

std::optional<unsigned> DkimPublicKey::rsa_bits() const {
  const auto* rsa = std::get_if<crypto::RsaPublicKey>(&key);
  return rsa != nullptr ? std::optional(rsa->bits()) : std::nullopt;
}

bool DkimPublicKey::verify(std::string_view octets, std::string_view signature) const {
  if (const auto* rsa = std::get_if<crypto::RsaPublicKey>(&key)) return rsa->verify(octets, signature);
  const auto* ed25519 = std::get_if<crypto::PublicKey>(&key);
  const auto whole = base::byte_array<64>(signature);
  if (ed25519 == nullptr || !whole) return false;
  // RFC 8463 §3: Ed25519 signs the hash.
  const auto hash = crypto::sha256(octets);
  return crypto::verify(*ed25519, base::octets(hash), *whole);
}

std::optional<DkimPublicKey> parse_dkim_public_key(std::string_view text) {
  const auto tags = TagList::parse(text);
  if (!tags) return std::nullopt;
  const auto value = [&](std::string_view name, std::string_view otherwise) {
    const Tag* tag = tags->find(name);
    return tag != nullptr ? tag->value : otherwise;
  };
  // RFC 6376 §3.6.1: a version comes first, or there is none.
  if (const Tag* version = tags->find("v"))
    if (version != tags->tags().data() || version->value != "DKIM1") return std::nullopt;
  if (tags->find("p") == nullptr) return std::nullopt;
  if (!names(value("s", "*"), "email", "*") || !names(value("h", "sha256"), "sha256", "sha256")) return std::nullopt;
  DkimPublicKey out;
  out.testing = names(value("t", ""), "y", "y");
  out.identity_exact = names(value("t", ""), "s", "s");
  const std::string digits = without_white_space(value("p", ""));
  if (digits.empty()) return out;
  const auto octets = text::parse_base64(digits);
  if (!octets || !read_key(value("k", "rsa"), *octets, out)) return std::nullopt;
  return out;
}

}  // namespace mailpod::mailauth
