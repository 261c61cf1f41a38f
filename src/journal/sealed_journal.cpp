#include "sealed_journal.hpp"

#include <iterator>
#include <stdexcept>
#include <system_error>

namespace mailpod::journal {

SealedJournal::SealedJournal(const Ports& ports, Identity identity, crypto::Key key)
    : ports_(ports), identity_(std::move(identity)), key_(std::move(key)), reader_(ports_.disk, identity_, key_) {}

void SealedJournal::create_new() {
  const auto found = list_segments(ports_.disk, identity_.folder);
  highest_ = found.highest;
  segments_ = found.numbers;
  const std::uint32_t number = ++highest_;
  SegmentWriter writer(ports_, identity_, key_, {number, {}, true});
  writer.finish();
  adopt(writer, number);
  sync_names();
  unlink_segments_before(number);
}

Status SealedJournal::open_existing(const Settings& settings, Replay& replay) {
  Opening opening(ports_.disk, identity_, key_, settings.search_budget, replay);
  auto opened = opening.run();
  if (!opened) return opened.error();
  segments_ = opened->segments;
  highest_ = opened->highest;
  findings_ = std::move(opened->findings);
  was_closed_ = opened->closed;
  checkpoint_size_ = opened->checkpoint_size;
  tail_size_ = opened->tail_size;
  head_ = opened->head;
  end_ = opened->end;
  for (const auto number : segments_) {
    if (number == segments_.back()) break;
    const auto information = ports_.disk.status(base::join(identity_.folder, segment_name(number)));
    if (information) closed_segments_size_ += information->size;
  }
  if (opened->newest_sound) {
    file_ =
        ports_.disk.open(base::join(identity_.folder, segment_name(segments_.back())), base::Disk::Open::read_write);
  } else {
    begin_segment();
  }
  return {};
}

Position SealedJournal::stage(std::uint8_t type, std::string_view payload) {
  if (payload.size() > max_payload) throw std::length_error("a journal record is longer than 64 KiB");
  const Position position = position_for(segments_.back(), end_ + staged_size_);
  staged_.push_back({type, std::string(payload)});
  staged_size_ += frame_size(payload.size());
  return position;
}

void SealedJournal::commit() {
  if (staged_.empty()) return;
  Head head = head_;
  try {
    make_sound();
    const std::string frames = frames_of_staged(head);
    write_durably(frames);
    end_ += frames.size();
    tail_size_ += frames.size();
  } catch (...) {
    unstage();
    throw;
  }
  unstage();
  const std::scoped_lock lock(head_mutex_);
  head_ = head;
}

std::string SealedJournal::frames_of_staged(Head& head) {
  std::string frames;
  frames.reserve(staged_size_);
  for (std::size_t i = 0; i < staged_.size(); ++i) {
    std::uint8_t marks = 0;
    if (i == 0) marks |= mark_begins;
    if (i + 1 == staged_.size()) marks |= mark_ends;
    const FrameContent content{head.tag, marks, staged_[i].type, staged_[i].payload};
    frames += seal_frame(binding(), ports_.entropy, end_ + frames.size(), head.sequence + 1, content, head.tag);
    ++head.sequence;
  }
  return frames;
}

void SealedJournal::write_durably(std::string_view octets) {
  try {
    file_->write_at(end_, octets);
    file_->sync();
  } catch (...) {
    take_back();
    throw;
  }
}

/// A commit that was answered with a failure must not be there after a crash: its files may have been removed, its
/// numbers given to others.
void SealedJournal::take_back() noexcept {
  end_in_doubt_ = true;
  try {
    cut_to_end();
  } catch (...) {
    // Tried again before anything else is written.
  }
}

void SealedJournal::cut_to_end() {
  file_->truncate(end_);
  file_->sync();
  end_in_doubt_ = false;
}

void SealedJournal::make_sound() {
  if (end_in_doubt_) cut_to_end();
  sync_names();
}

void SealedJournal::sync_names() {
  if (!names_unsynced_) return;
  ports_.disk.sync_directory(identity_.folder);
  names_unsynced_ = false;
}

void SealedJournal::checkpoint(std::span<const std::string> parts) {
  commit();
  make_sound();
  const std::uint32_t number = highest_ + 1;
  SegmentWriter writer(ports_, identity_, key_, {number, head_, false});
  writer.add_checkpoint(parts);
  writer.finish();
  closed_segments_size_ += end_;
  adopt(writer, number);
  sync_names();
}

void SealedJournal::begin_segment() {
  const std::uint32_t number = highest_ + 1;
  SegmentWriter writer(ports_, identity_, key_, {number, head_, false});
  writer.finish();
  closed_segments_size_ += end_;
  const std::uint64_t checkpoint = checkpoint_size_;
  const std::uint64_t tail = tail_size_;
  adopt(writer, number);
  checkpoint_size_ = checkpoint;
  tail_size_ = tail;
  sync_names();
}

/// From the rename on the new segment is the journal's end, even if its name cannot be made durable at once: what was
/// written behind an older end would be lost if the new name survived a crash. Nothing is committed before it is
/// durable.
void SealedJournal::adopt(SegmentWriter& writer, std::uint32_t number) {
  names_unsynced_ = true;
  highest_ = number;
  segments_.push_back(number);
  file_ = writer.take_file();
  end_ = writer.end();
  checkpoint_size_ = writer.checkpoint_size();
  tail_size_ = 0;
  const std::scoped_lock lock(head_mutex_);
  head_ = writer.head();
}

void SealedJournal::unlink_segments_before(std::uint32_t number) {
  while (segments_.front() != number) {
    ports_.disk.unlink(base::join(identity_.folder, segment_name(segments_.front())));
    segments_.erase(segments_.begin());
  }
}

/// The new chain is in place, and its owner must learn so whatever fails here: the positions it knew are void. What
/// stays of the old chain is removed by the next opening.
void SealedJournal::retire_old_chain() {
  try {
    sync_names();
    unlink_segments_before(segments_.back());
  } catch (const std::system_error&) {
    segments_.erase(segments_.begin(), std::prev(segments_.end()));
  }
}

Head SealedJournal::head() const {
  const std::scoped_lock lock(head_mutex_);
  return head_;
}

/// One new segment holds the whole new chain and ends with its checkpoint; a single rename puts it in place.
class SealedJournal::NewChain final : public Journal::Rewrite {
public:
  explicit NewChain(SealedJournal& journal)
      : journal_(journal),
        number_(journal.highest_ + 1),
        writer_(journal.ports_, journal.identity_, journal.key_, {number_, journal.head_, true}) {}

  Position add(std::uint8_t type, std::string_view payload) override { return writer_.add(type, payload); }

  void install(std::span<const std::string> parts) override {
    writer_.add_checkpoint(parts);
    writer_.finish();
    journal_.adopt(writer_, number_);
    journal_.closed_segments_size_ = 0;
    journal_.reader_.forget();
    journal_.retire_old_chain();
  }

private:
  SealedJournal& journal_;
  std::uint32_t number_;
  SegmentWriter writer_;
};

std::unique_ptr<Journal::Rewrite> SealedJournal::rewrite() {
  commit();
  make_sound();
  return std::make_unique<NewChain>(*this);
}

void SealedJournal::close() {
  stage(type_close, {});
  commit();
}

std::unique_ptr<Journal> Journal::create(const Ports& ports, Identity identity, const crypto::Key& key) {
  auto journal =
      std::make_unique<SealedJournal>(ports, std::move(identity), crypto::Key::copy_of(key.arena(), key.octets()));
  journal->create_new();
  return journal;
}

Result<std::unique_ptr<Journal>> Journal::open(const Ports& ports, Identity identity, const crypto::Key& key,
                                               const Settings& settings, Replay& replay) {
  auto journal =
      std::make_unique<SealedJournal>(ports, std::move(identity), crypto::Key::copy_of(key.arena(), key.octets()));
  if (const auto opened = journal->open_existing(settings, replay); !opened) return opened.error();
  return std::unique_ptr<Journal>(std::move(journal));
}

std::string_view name_for(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::unfinished_tail:
      return "unfinished_tail";
    case Finding::Kind::lost_records:
      return "lost_records";
    case Finding::Kind::bad_padding:
      return "bad_padding";
    case Finding::Kind::bad_header:
      return "bad_header";
    case Finding::Kind::bad_checkpoint:
      return "bad_checkpoint";
    case Finding::Kind::missing_segment:
      return "missing_segment";
    case Finding::Kind::broken_chain:
      return "broken_chain";
    case Finding::Kind::over_budget:
      return "over_budget";
  }
  return "unknown";
}

}  // namespace mailpod::journal
