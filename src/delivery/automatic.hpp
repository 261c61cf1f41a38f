#pragma once

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/scanner.hpp>

namespace mailpod::delivery {

/// Whether a machine sent it, or it came by a list: nobody answers such mail by machine. RFC 3834 §2. Reads `message`:
/// pool.
bool is_automatic(const message::HeaderFacts& facts, const base::OctetSource& message);

}  // namespace mailpod::delivery
