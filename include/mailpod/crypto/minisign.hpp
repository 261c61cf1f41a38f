#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>
#include <mailpod/crypto/sign.hpp>

/// minisign's files (jedisct1.github.io/minisign), read strictly: one text has one meaning, so a digest of a signed
/// file says all about it. Signatures are of the prehashed kind only (BLAKE2b-512, algorithm "ED"). Callable from any
/// thread.
namespace mailpod::crypto::minisign {

using KeyId = base::ByteArray<8>;

/// Longest comment that is read or written, in octets.
inline constexpr std::size_t max_comment = 1000;

struct PublicKey {
  KeyId id{};
  crypto::PublicKey key{};

  /// The one line `RWQ…`, 56 characters of base64.
  std::string str() const;
  /// The two lines of a public key file.
  std::string file() const;
  /// The key id as minisign prints it: 16 upper-case hexadecimal digits, most significant first.
  std::string id_text() const;
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

Result<PublicKey> parse_public_key(std::string_view line);
Result<PublicKey> parse_public_key_file(std::string_view text);

/// A signer's secret with its public half.
class SecretKey {
public:
  static SecretKey random(KeyArena& arena, base::Entropy& entropy);
  SecretKey(KeyId id, SigningKey key) : public_{id, key.public_key()}, key_(std::move(key)) {}

  const PublicKey& public_key() const { return public_; }
  const SigningKey& key() const { return key_; }
  /// The file that `minisign -G -W` writes: not encrypted, so it belongs on a disk of its own or under another seal.
  /// The caller wipes it.
  std::string file() const;

private:
  PublicKey public_;
  SigningKey key_;
};

/// A secret key file, encrypted (scrypt) or not; the passphrase of an unencrypted one is ignored. Encrypted files cost
/// up to a second and 1 GiB, the parameters of minisign's own files. Errors: passphrase_needed, bad_checksum,
/// excessive_work.
Result<SecretKey> parse_secret_key_file(KeyArena& arena, std::string_view text, std::string_view passphrase = {});

/// A signature file, read but not yet verified.
struct Signature {
  std::string untrusted_comment;
  KeyId id{};
  crypto::Signature signature{};
  std::string trusted_comment;  ///< trusted only once verified
  crypto::Signature comment_signature{};

  /// The four lines of a signature file.
  std::string file() const;
};

/// Signs `content`; the trusted comment is signed with it. Comments are one line of at most max_comment octets without
/// control characters (std::invalid_argument otherwise).
Signature sign(const SecretKey& key, std::string_view content, std::string_view trusted_comment,
               std::string_view untrusted_comment = "signature from a mailpod secret key");
/// The same as the text of a `.minisig` file.
std::string sign_file(const SecretKey& key, std::string_view content, std::string_view trusted_comment);

/// Reads a whole signature file. Errors: byte_order_mark, carriage_return, missing_line, extra_line, bad_comment,
/// bad_base64, bad_length, legacy_algorithm, unknown_algorithm.
Result<Signature> parse_signature(std::string_view text);

/// Errors: wrong_key, bad_signature, bad_comment_signature.
Status verify(const PublicKey& key, std::string_view content, const Signature& signature);

}  // namespace mailpod::crypto::minisign
