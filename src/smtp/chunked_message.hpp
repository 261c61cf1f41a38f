#pragma once

#include <cstdint>
#include <memory>

#include <mailpod/smtp/mailroom.hpp>

#include "chunk_reader.hpp"
#include "pace.hpp"

namespace mailpod::smtp {

/// A message that comes by BDAT, between its first chunk and its last. RFC 3030 §2.
struct ChunkedMessage {
  std::unique_ptr<Letter> letter;
  ChunkReader reader;
  Pace pace;
  std::uint64_t octets = 0;  ///< of the chunks so far
};

}  // namespace mailpod::smtp
