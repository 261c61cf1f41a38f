#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>

namespace mailpod::journal {

/// What a journal's folder looks like to whoever has no key to it: names, magic words and lengths. Nothing is opened,
/// so that a sound report proves little, and a breach is damage.
struct FrameReport {
  struct Breach {
    std::string segment;  ///< file name
    std::uint64_t offset = 0;
    std::string what;
  };
  std::size_t segments = 0;
  std::vector<Breach> breaches;
  std::vector<std::string> foreign;  ///< names that no journal gives
};
/// Also while somebody writes to it: what is just being written at the journal's end, or replaced, is no breach.
/// Reads all of it. I/O failure throws std::system_error.
FrameReport inspect_frames(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::journal
