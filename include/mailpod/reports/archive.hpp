#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/reports/error.hpp>

namespace mailpod::reports {

struct ArchiveLimits {
  std::uint64_t octets = 16 * 1024 * 1024;  ///< unpacked; the largest reports of large providers are a few MiB
};

/// What is packed in these octets by gzip (RFC 1952), or as the first file of a ZIP archive; octets that are neither
/// stand for themselves. Never more than the limit is unpacked, whatever the archive says of its size.
/// Errors: malformed, too_big.
Result<std::string> unpacked(std::string_view octets, const ArchiveLimits& limits = {});

/// As one gzip member.
std::string gzipped(std::string_view octets);

}  // namespace mailpod::reports
