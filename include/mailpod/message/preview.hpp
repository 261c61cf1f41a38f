#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// The beginning of what a person would read in a message. RFC 8970 §3.
struct PreviewLimits {
  std::size_t characters = 200;       ///< RFC 8970 §3.3
  std::uint64_t octets = 256 * 1024;  ///< of the message, encoded, that may be read for it
};

struct Preview {
  std::string text;      ///< UTF-8, on one line
  bool is_whole = true;  ///< false: the octets that might be read did not suffice for more
};

/// Of the first part that is text to be read and not blank: decoded, without markup, white space folded. Empty if there
/// is none. Linear in the octets read.
Preview preview(const base::OctetSource& message, const Structure& structure, const PreviewLimits& limits = {});

}  // namespace mailpod::message
