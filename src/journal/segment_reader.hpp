#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>

#include "frame.hpp"

namespace mailpod::journal {

/// A frame that opened, and where.
struct Sight {
  OpenedFrame frame;
  std::uint64_t offset = 0;
  std::uint64_t end = 0;  ///< aligned: where the next one belongs
  bool padding_sound = true;
};

/// Reads one segment forward, through a window of 1 MiB. Trusts no octet of it.
class SegmentReader {
public:
  /// Borrows everything. `budget`: octets that may still be opened in vain, shared by the segments of one journal: a
  /// segment full of false frame heads would otherwise cost its length times 64 KiB of decryption.
  SegmentReader(base::File& file, const Binding& binding, std::uint64_t& budget);

  std::uint64_t size() const { return size_; }
  bool exhausted() const { return exhausted_; }

  /// The frame at `offset`, if one with a sequence above `after` opens there.
  std::optional<Sight> at(std::uint64_t offset, std::uint64_t after);
  /// The first such frame at or behind `offset`, on a multiple of 64.
  std::optional<Sight> search(std::uint64_t offset, std::uint64_t after);

private:
  std::string_view view(std::uint64_t offset, std::size_t length);

  base::File& file_;
  const Binding& binding_;
  std::uint64_t& budget_;
  std::uint64_t size_;
  bool exhausted_ = false;
  std::string window_;
  std::uint64_t window_begin_ = 0;
};

}  // namespace mailpod::journal
