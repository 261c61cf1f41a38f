#include <mailpod/crypto/password_hash.hpp>

#include <new>
#include <stdexcept>

#include "sodium.hpp"

namespace mailpod::crypto {

static_assert(crypto_pwhash_SALTBYTES == 16);

Key argon2id(KeyArena& arena, std::string_view secret, const base::ByteArray<16>& salt, Argon2Cost cost) {
  require_sodium();
  if (cost.passes < crypto_pwhash_OPSLIMIT_MIN || cost.memory < crypto_pwhash_MEMLIMIT_MIN ||
      cost.memory > crypto_pwhash_memlimit_max() || secret.size() > crypto_pwhash_passwd_max()) {
    throw std::invalid_argument("Argon2id cost out of range");
  }
  return Key::made_by(arena, [&](std::span<unsigned char, Key::size> into) {
    if (crypto_pwhash(into.data(), into.size(), secret.data(), secret.size(), salt.data(), cost.passes,
                      static_cast<std::size_t>(cost.memory), crypto_pwhash_ALG_ARGON2ID13) != 0) {
      throw std::bad_alloc();
    }
  });
}

}  // namespace mailpod::crypto
