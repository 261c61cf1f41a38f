#pragma once

#include <sodium.h>
#include <stdexcept>
#include <string_view>

namespace mailpod::crypto {

/// Lets libsodium choose its implementations for this machine; cheap after the first time. Callable from any thread.
inline void require_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialised");
}

/// Octets as the C libraries take them.
inline const unsigned char* raw(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}
inline unsigned char* raw(char* octets) {
  return reinterpret_cast<unsigned char*>(octets);
}

}  // namespace mailpod::crypto
