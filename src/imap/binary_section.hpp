#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/decoded_text.hpp>
#include <mailpod/message/structure.hpp>

#include "section.hpp"

namespace mailpod::imap {

/// A section without its transfer encoding, decoded twice: to count, then to show. So the size is exact before the
/// first octet, and memory does not grow with the section. RFC 3516 §4.3. Pool.
class BinarySection {
public:
  /// The part that the numbers name; without numbers the whole message, which no encoding covers. `message` is
  /// borrowed; the part exists, and its encoding is known.
  BinarySection(const base::OctetSource& message, const message::Structure& structure, const Section& section);

  /// Counts some octets more; true once all are.
  bool measure();
  // What follows is for later.

  std::uint64_t size() const { return size_; }
  bool has_nul() const { return has_nul_; }
  /// The next octets, as many as one reading gives. Throws std::system_error if there are none although size() says so.
  std::string next();

  /// Whether the encoding of the part can be removed; also where there is no such part.
  static bool can_decode(const message::Structure& structure, const Section& section);

private:
  /// One decoding from the beginning.
  struct Pass {
    std::uint64_t at;  ///< in the message
    message::DecodedOctets decoder;
    std::uint64_t decoded = 0;  ///< octets that came out
    bool ended = false;
  };
  Pass begin() const;
  std::string read_on(Pass& pass) const;

  const base::OctetSource& message_;
  std::string encoding_;
  message::Range range_;
  std::uint64_t first_ = 0;  ///< of the decoded octets that are wanted
  std::uint64_t last_;       ///< behind them
  Pass pass_;
  std::uint64_t size_ = 0;
  bool has_nul_ = false;
};

}  // namespace mailpod::imap
