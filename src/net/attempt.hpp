#pragma once

#include <cstddef>

namespace mailpod::net {

/// What one non-blocking call on a socket came to. Failures of the connection are thrown.
struct Attempt {
  enum class Kind { done, closed, wants_read, wants_write };
  Kind kind;
  std::size_t count = 0;  ///< octets, when done
};

}  // namespace mailpod::net
