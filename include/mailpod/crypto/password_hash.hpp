#pragma once

#include <cstdint>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::crypto {

struct Argon2Cost {
  std::uint32_t passes = 3;
  std::uint64_t memory = 64 * 1024 * 1024;  ///< octets, at least 8,192
};

/// Argon2id version 1.3, one lane (RFC 9106). Blocking: a tenth of a second at the default cost, on the pool behind its
/// gate. Throws std::bad_alloc if the memory cannot be had. The same secret, salt and cost give the same key for ever.
Key argon2id(KeyArena& arena, std::string_view secret, const base::ByteArray<16>& salt, Argon2Cost cost = {});

}  // namespace mailpod::crypto
