#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/structure.hpp>

#include "section.hpp"

/// What FETCH and URLs read of a stored message.
namespace mailpod::imap {

/// These octets; fewer if the source ends before. Pool.
std::string read_range(const base::OctetSource& source, message::Range range);

/// Of a header, the fields that the section wants. They are looked for in its first MiB: what lies beyond is no header
/// that anyone wrote by hand or program. Pool.
std::string read_wanted_fields(const base::OctetSource& source, message::Range header, const Section& section);

/// So many octets from the `first` on, counted from 0, or all; none of what lies beyond the range.
message::Range narrowed(message::Range range, std::uint64_t first, std::optional<std::uint64_t> count);

}  // namespace mailpod::imap
