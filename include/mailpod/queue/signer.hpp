#pragma once

#include <string>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/queue/entry.hpp>

namespace mailpod::queue {

/// Port: vouches for mail that leaves. On the pool; from several of its threads at once.
class Signer {
public:
  virtual ~Signer() = default;
  /// Whole header fields, each with its CRLF, to stand in front of `message`, which is what the next server is to get,
  /// octet for octet. Empty where nothing is to be said. Throws std::system_error only if the message cannot be read.
  virtual std::string sign(const Entry& entry, const base::OctetSource& message) = 0;
};

}  // namespace mailpod::queue
