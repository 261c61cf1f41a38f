#pragma once

#include <cstdint>
#include <vector>

#include <mailpod/journal/journal.hpp>

#include "segment_reader.hpp"

namespace mailpod::journal {

/// Follows the chain of records through the segments and hands whole groups to a Replay.
///
/// Only one write is ever under way, so what follows a group proves that the group was durable; the very last group
/// alone may be torn. A hole before or inside any other group is damage: its readable records count. A hole inside the
/// last group is taken for a crash: none of it counts (docs/storage-format.md, "reading").
class Walk {
public:
  Walk(Replay& replay, std::vector<Finding>& findings) : replay_(replay), findings_(findings) {}

  /// Where the chain stands before the first segment; a tag is known behind a checkpoint.
  void start(std::uint64_t sequence, std::optional<Tag> tag);

  /// Takes every record of the segment from `offset` on; another segment follows.
  void inner_segment(SegmentReader& reader, std::uint32_t segment, std::uint64_t offset);
  /// The same for the newest segment. Returns where its last committed group ends: the rest is an unfinished tail.
  std::uint64_t last_segment(SegmentReader& reader, std::uint32_t segment, std::uint64_t offset);

  std::uint64_t sequence() const { return sequence_; }
  std::optional<Tag> tag() const { return tag_; }
  bool closed() const { return closed_; }
  std::uint64_t records() const { return records_; }

private:
  /// Reads to the end of what can be read; returns where that is.
  std::uint64_t follow(SegmentReader& reader, std::uint64_t offset);
  void take(Sight sight);
  void check_chain(const Sight& sight);
  void deliver_group();
  void deliver(const Sight& sight);
  void note(Finding::Kind kind, std::uint64_t offset, std::uint64_t length);

  Replay& replay_;
  std::vector<Finding>& findings_;
  std::uint32_t segment_ = 0;

  std::uint64_t sequence_ = 0;
  std::optional<Tag> tag_;
  bool closed_ = false;
  std::uint64_t records_ = 0;

  // The group that is being read, or that is complete but has a hole.
  std::vector<Sight> group_;
  std::vector<Finding> group_findings_;
  bool torn_ = false;
  std::uint64_t group_begin_ = 0;
  std::uint64_t sequence_before_ = 0;
  std::optional<Tag> tag_before_;
};

}  // namespace mailpod::journal
