#include "walk.hpp"

#include <utility>

#include "segment.hpp"

namespace mailpod::journal {

void Walk::start(std::uint64_t sequence, std::optional<Tag> tag) {
  sequence_ = sequence;
  tag_ = tag;
}

void Walk::inner_segment(SegmentReader& reader, std::uint32_t segment, std::uint64_t offset) {
  segment_ = segment;
  const std::uint64_t end = follow(reader, offset);
  if (end < reader.size()) {
    note(reader.exhausted() ? Finding::Kind::over_budget : Finding::Kind::lost_records, end, reader.size() - end);
  }
  deliver_group();
}

std::uint64_t Walk::last_segment(SegmentReader& reader, std::uint32_t segment, std::uint64_t offset) {
  segment_ = segment;
  std::uint64_t end = follow(reader, offset);
  if (!group_.empty()) {
    end = group_begin_;
    sequence_ = sequence_before_;
    tag_ = tag_before_;
    group_.clear();
    group_findings_.clear();
  }
  if (end < reader.size()) {
    note(reader.exhausted() ? Finding::Kind::over_budget : Finding::Kind::unfinished_tail, end, reader.size() - end);
  }
  return end;
}

std::uint64_t Walk::follow(SegmentReader& reader, std::uint64_t offset) {
  while (offset < reader.size()) {
    auto sight = reader.at(offset, sequence_);
    if (!sight) {
      sight = reader.search(offset + alignment, sequence_);
      if (!sight) break;
      const bool begins = (sight->frame.marks & mark_begins) != 0;
      const Finding hole{Finding::Kind::lost_records, segment_, offset, sight->offset - offset};
      if (begins) {
        // Whatever the hole held was durable before this group was written.
        group_findings_.push_back(hole);
        deliver_group();
      } else {
        if (group_.empty()) {
          group_begin_ = offset;
          sequence_before_ = sequence_;
          tag_before_ = tag_;
        }
        group_findings_.push_back(hole);
        torn_ = true;
      }
    }
    offset = sight->end;
    take(std::move(*sight));
  }
  return offset;
}

void Walk::take(Sight sight) {
  const bool begins = (sight.frame.marks & mark_begins) != 0;
  const bool ends = (sight.frame.marks & mark_ends) != 0;
  if (begins) {
    deliver_group();
    group_begin_ = sight.offset;
    sequence_before_ = sequence_;
    tag_before_ = tag_;
  }
  check_chain(sight);
  sequence_ = sight.frame.sequence;
  tag_ = sight.frame.tag;
  // A checkpoint that is passed over can be large, and nobody wants its parts.
  if (sight.frame.type == type_checkpoint) sight.frame.plain.resize(plain_head);
  group_.push_back(std::move(sight));
  if (ends && !torn_) deliver_group();
}

void Walk::check_chain(const Sight& sight) {
  if (!sight.padding_sound) {
    group_findings_.push_back({Finding::Kind::bad_padding, segment_, sight.offset, sight.end - sight.offset});
  }
  const bool follows = sight.frame.sequence == sequence_ + 1;
  if (tag_ && follows && sight.frame.previous != *tag_) {
    group_findings_.push_back({Finding::Kind::broken_chain, segment_, sight.offset, sight.end - sight.offset});
  }
  const bool after_hole = !group_findings_.empty() && group_findings_.back().kind == Finding::Kind::lost_records;
  const bool told = after_hole || (!findings_.empty() && findings_.back().kind == Finding::Kind::lost_records);
  if (tag_ && !follows && !told) {
    group_findings_.push_back({Finding::Kind::lost_records, segment_, sight.offset, 0});
  }
}

void Walk::deliver_group() {
  findings_.insert(findings_.end(), group_findings_.begin(), group_findings_.end());
  group_findings_.clear();
  for (const auto& sight : group_) deliver(sight);
  group_.clear();
  torn_ = false;
}

void Walk::deliver(const Sight& sight) {
  ++records_;
  closed_ = sight.frame.type == type_close;
  if (sight.frame.type < first_type) return;
  replay_.record({position_for(segment_, sight.offset), sight.frame.sequence, sight.frame.type, sight.frame.payload()});
}

void Walk::note(Finding::Kind kind, std::uint64_t offset, std::uint64_t length) {
  findings_.push_back({kind, segment_, offset, length});
}

}  // namespace mailpod::journal
