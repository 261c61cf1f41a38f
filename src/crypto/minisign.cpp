#include <mailpod/crypto/minisign.hpp>

#include <stdexcept>

#include "base64.hpp"
#include "minisign_lines.hpp"
#include "sodium.hpp"

// minisign's signatures: Ed25519 over BLAKE2b-512 of the content, then Ed25519 over that signature and the comment.
namespace mailpod::crypto::minisign {

namespace {

constexpr std::string_view hashed_algorithm = "ED";
constexpr std::string_view legacy_algorithm = "Ed";

std::string blake2b_512(std::string_view content) {
  std::string digest(crypto_generichash_BYTES_MAX, '\0');
  crypto_generichash(raw(digest.data()), digest.size(), raw(content), content.size(), nullptr, 0);
  return digest;
}

std::string covered_by_comment_signature(const Signature& signature) {
  return std::string(base::octets(signature.signature)).append(signature.trusted_comment);
}

}  // namespace

std::string Signature::file() const {
  std::string octets(hashed_algorithm);
  octets.append(base::octets(id)).append(base::octets(signature));
  std::string text(untrusted_prefix);
  text.append(untrusted_comment).append("\n");
  text.append(write_base64(octets, Padding::required)).append("\n");
  text.append(trusted_prefix).append(trusted_comment).append("\n");
  text.append(write_base64(base::octets(comment_signature), Padding::required)).append("\n");
  return text;
}

Signature sign(const SecretKey& key, std::string_view content, std::string_view trusted_comment,
               std::string_view untrusted_comment) {
  if (!is_comment(trusted_comment) || !is_comment(untrusted_comment)) {
    throw std::invalid_argument("a comment is one line of at most 1000 octets without control characters");
  }
  Signature signature;
  signature.untrusted_comment = untrusted_comment;
  signature.id = key.public_key().id;
  signature.signature = key.key().sign(blake2b_512(content));
  signature.trusted_comment = trusted_comment;
  signature.comment_signature = key.key().sign(covered_by_comment_signature(signature));
  return signature;
}

std::string sign_file(const SecretKey& key, std::string_view content, std::string_view trusted_comment) {
  return sign(key, content, trusted_comment).file();
}

Result<Signature> parse_signature(std::string_view text) {
  auto lines = Lines::of(text);
  if (!lines) return lines.error();
  auto untrusted = lines->comment(untrusted_prefix);
  if (!untrusted) return untrusted.error();
  const auto signature = lines->base64(2 + 8 + 64);
  if (!signature) return signature.error();
  if (signature->starts_with(legacy_algorithm)) return Errc::legacy_algorithm;
  if (!signature->starts_with(hashed_algorithm)) return Errc::unknown_algorithm;
  auto trusted = lines->comment(trusted_prefix);
  if (!trusted) return trusted.error();
  const auto comment_signature = lines->base64(64);
  if (!comment_signature) return comment_signature.error();
  if (const auto end = lines->end(); !end) return end.error();

  const std::string_view octets = *signature;
  return Signature{std::move(*untrusted), *base::byte_array<8>(octets.substr(2, 8)),
                   *base::byte_array<64>(octets.substr(10)), std::move(*trusted),
                   *base::byte_array<64>(*comment_signature)};
}

Status verify(const PublicKey& key, std::string_view content, const Signature& signature) {
  if (signature.id != key.id) return Errc::wrong_key;
  if (!crypto::verify(key.key, blake2b_512(content), signature.signature)) return Errc::bad_signature;
  if (!crypto::verify(key.key, covered_by_comment_signature(signature), signature.comment_signature)) {
    return Errc::bad_comment_signature;
  }
  return {};
}

}  // namespace mailpod::crypto::minisign
