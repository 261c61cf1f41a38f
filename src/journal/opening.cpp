#include "opening.hpp"

#include <algorithm>

#include "set_aside.hpp"
#include "walk.hpp"
#include "written_anew.hpp"

namespace mailpod::journal {

Opening::Opening(base::Disk& disk, const Journal::Identity& identity, const crypto::Key& key, std::uint64_t budget,
                 Replay& replay)
    : disk_(disk), identity_(identity), key_(key), budget_(budget), replay_(replay) {}

Result<Opened> Opening::run() {
  if (const auto loaded = load(); !loaded) return loaded.error();
  find_chain_start();
  if (!apply_checkpoint()) {
    replay_.begin();
    const auto& header = segments_[chain_start_].header;
    if (header && !header->begins_chain) {
      opened_.findings.push_back({Finding::Kind::missing_segment, segments_[chain_start_].number - 1, 0, 0});
    }
    // Without its header the first record may have any number.
    replay_from(chain_start_, header_size, header ? header->first_sequence - 1 : 0, std::nullopt);
  }
  const bool anything = records_ > 0 || std::ranges::any_of(segments_, [](auto& s) { return s.header.has_value(); });
  if (!anything) return make_error_code(Errc::wrong_key);
  complete_last_record();
  // What a killed predecessor wrote last, and the names it gave, may not be durable yet. What is written from here on
  // builds on both, and what they replace is removed.
  auto& newest = segments_.back();
  if (!opened_.closed) newest.file = written_anew(disk_, identity_.folder, newest.number, std::move(newest.file));
  disk_.sync_directory(identity_.folder);
  set_tail_aside();
  remove_obsolete();
  for (const auto& segment : segments_) opened_.segments.push_back(segment.number);
  return std::move(opened_);
}

Status Opening::load() {
  const auto found = list_segments(disk_, identity_.folder);
  for (const auto& name : found.unfinished) disk_.unlink(base::join(identity_.folder, name));
  if (found.numbers.empty()) return make_error_code(Errc::no_journal);
  opened_.highest = found.highest;
  for (const auto number : found.numbers) {
    Segment segment;
    segment.number = number;
    segment.file = disk_.open(base::join(identity_.folder, segment_name(number)), base::Disk::Open::read_write);
    segments_.push_back(std::move(segment));
  }
  for (auto& segment : segments_) {
    std::string octets(header_size, '\0');
    octets.resize(segment.file->read_at(0, octets));
    const auto reading = open_header(binding(segment), octets);
    if (!reading.header && reading.fault == HeaderFault::unknown_version) {
      return make_error_code(Errc::unknown_version);
    }
    segment.header = reading.header;
  }
  opened_.newest_sound = segments_.back().header.has_value();
  return {};
}

void Opening::find_chain_start() {
  for (std::size_t i = segments_.size(); i-- > 0;) {
    if (!segments_[i].header || !segments_[i].header->begins_chain) continue;
    chain_start_ = i;
    chain_start_sound_ = segments_[i].header->checkpoint == 0;
    break;
  }
  for (std::size_t i = chain_start_; i < segments_.size(); ++i) {
    if (segments_[i].header) continue;
    opened_.findings.push_back({Finding::Kind::bad_header, segments_[i].number, 0, header_size});
  }
}

std::optional<std::size_t> Opening::apply_checkpoint() {
  for (std::size_t i = segments_.size(); i-- > chain_start_;) {
    const auto& segment = segments_[i];
    if (!segment.header || segment.header->checkpoint == 0) continue;
    const auto checkpoint = read_checkpoint(segment);
    if (checkpoint) {
      if (i == chain_start_) chain_start_sound_ = true;
      if (checkpoint->taken) {
        ++records_;
        opened_.checkpoint_size = checkpoint->end - segment.header->checkpoint;
        replay_from(i, checkpoint->end, checkpoint->sequence, checkpoint->tag);
        return i;
      }
    }
    opened_.findings.push_back({Finding::Kind::bad_checkpoint, segment.number, segment.header->checkpoint, 0});
  }
  return std::nullopt;
}

std::optional<Opening::Checkpoint> Opening::read_checkpoint(const Segment& segment) {
  const auto bound = binding(segment);
  SegmentReader reader(*segment.file, bound, budget_);
  Checkpoint checkpoint;
  std::uint64_t offset = segment.header->checkpoint;
  replay_.begin();
  for (bool first = true, ended = false; !ended; first = false) {
    const auto sight = reader.at(offset, checkpoint.sequence);
    if (!sight || sight->frame.type != type_checkpoint) return std::nullopt;
    const bool begins = (sight->frame.marks & mark_begins) != 0;
    if (first != begins) return std::nullopt;
    if (!first && sight->frame.sequence != checkpoint.sequence + 1) return std::nullopt;
    if (!first && sight->frame.previous != checkpoint.tag) return std::nullopt;
    checkpoint.taken = checkpoint.taken && replay_.checkpoint(sight->frame.payload());
    checkpoint.sequence = sight->frame.sequence;
    checkpoint.tag = sight->frame.tag;
    checkpoint.end = offset = sight->end;
    ended = (sight->frame.marks & mark_ends) != 0;
    if (!sight->padding_sound) {
      opened_.findings.push_back(
          {Finding::Kind::bad_padding, segment.number, sight->offset, sight->end - sight->offset});
    }
  }
  return checkpoint;
}

void Opening::replay_from(std::size_t index, std::uint64_t offset, std::uint64_t sequence, std::optional<Tag> tag) {
  Walk walk(replay_, opened_.findings);
  walk.start(sequence, tag);
  for (std::size_t i = index; i < segments_.size(); ++i) {
    const auto& segment = segments_[i];
    const auto bound = binding(segment);
    SegmentReader reader(*segment.file, bound, budget_);
    if (i > index) check_number(i);
    if (i + 1 < segments_.size()) {
      walk.inner_segment(reader, segment.number, offset);
      opened_.tail_size += reader.size() - std::min(offset, reader.size());
    } else {
      opened_.end = walk.last_segment(reader, segment.number, offset);
      opened_.tail_size += opened_.end - std::min(offset, opened_.end);
    }
    offset = header_size;
  }
  records_ += walk.records();
  opened_.closed = walk.closed();
  opened_.head = {walk.sequence(), walk.tag().value_or(Tag{})};
}

void Opening::check_number(std::size_t index) {
  const std::uint32_t expected = segments_[index - 1].number + 1;
  if (segments_[index].number == expected) return;
  opened_.findings.push_back({Finding::Kind::missing_segment, expected, 0, 0});
}

/// A record whose last zeros did not reach the disk is whole all the same. They have to be durable before a new segment
/// follows: nobody writes to this one again, and zeros missing there would be damage.
void Opening::complete_last_record() {
  auto& file = *segments_.back().file;
  if (opened_.newest_sound && file.size() < opened_.end) file.truncate(opened_.end);
}

void Opening::set_tail_aside() {
  const auto& newest = segments_.back();
  // Also behind a damaged header: a new segment will follow, and what stands before one counts as committed.
  if (newest.file->size() > opened_.end) {
    set_aside(disk_, identity_.folder, newest.number, *newest.file, opened_.end);
  }
}

void Opening::remove_obsolete() {
  if (!chain_start_sound_) return;
  for (std::size_t i = 0; i < chain_start_; ++i) {
    disk_.unlink(base::join(identity_.folder, segment_name(segments_[i].number)));
  }
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(chain_start_));
  chain_start_ = 0;
}

}  // namespace mailpod::journal
