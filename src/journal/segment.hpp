#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/journal/journal.hpp>

#include "frame.hpp"

/// A segment file: a header of 64 octets, then frames. docs/storage-format.md, "segment". Stored: never change.
///
///     'MSEG' | u8 version = 1 | u8 marks | u16 0 | u32 segment | u64 first sequence | u32 checkpoint / 64 | 24 nonce
///     | 16 tag of an empty seal over all that
namespace mailpod::journal {

inline constexpr std::uint64_t header_size = 64;
inline constexpr std::uint8_t version = 1;

struct SegmentHeader {
  std::uint64_t first_sequence = 1;  ///< of its first record
  std::uint64_t checkpoint = 0;      ///< octets from the segment's start to its checkpoint; 0: none
  bool begins_chain = false;         ///< nothing before this segment is needed to know the whole state
};

std::string seal_header(const Binding& binding, base::Entropy& entropy, const SegmentHeader& header);

enum class HeaderFault { damaged, unknown_version };
struct HeaderReading {
  std::optional<SegmentHeader> header;
  HeaderFault fault = HeaderFault::damaged;  ///< why there is none
};
HeaderReading open_header(const Binding& binding, std::string_view octets);

/// Throws std::system_error (EFBIG) beyond 256 GiB of one segment.
Position position_for(std::uint32_t segment, std::uint64_t offset);

/// `0000002a.seg`
std::string segment_name(std::uint32_t segment);
/// What a segment is called until it is complete.
std::string unfinished_name(std::uint32_t segment);

/// What lies in a journal's folder.
struct Segments {
  std::vector<std::uint32_t> numbers;   ///< ascending
  std::vector<std::string> unfinished;  ///< names
  std::uint32_t highest = 0;            ///< of all files, those set aside included: a number never serves twice
};
Segments list_segments(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::journal
