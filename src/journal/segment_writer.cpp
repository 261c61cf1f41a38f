#include "segment_writer.hpp"

#include <system_error>

namespace mailpod::journal {
namespace {

constexpr std::size_t buffer_limit = 1024 * 1024;

}  // namespace

SegmentWriter::SegmentWriter(const Journal::Ports& ports, const Journal::Identity& identity, const crypto::Key& key,
                             Start start)
    : ports_(ports), identity_(identity), key_(key), start_(start), head_(start.head) {
  header_.first_sequence = head_.sequence + 1;
  header_.begins_chain = start.begins_chain;
  const auto name = path(unfinished_name(start_.segment));
  if (ports_.disk.status(name)) ports_.disk.unlink(name);
  file_ = ports_.disk.open(name, base::Disk::Open::create_new);
}

SegmentWriter::~SegmentWriter() {
  if (finished_) return;
  try {
    ports_.disk.unlink(path(unfinished_name(start_.segment)));
  } catch (const std::exception&) {
    // The next open removes it.
  }
}

Position SegmentWriter::add(std::uint8_t type, std::string_view payload) {
  return write(mark_begins | mark_ends, type, payload);
}

void SegmentWriter::add_checkpoint(std::span<const std::string> parts) {
  static const std::string nothing;
  if (parts.empty()) parts = std::span(&nothing, 1);
  header_.checkpoint = end();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::uint8_t marks = 0;
    if (i == 0) marks |= mark_begins;
    if (i + 1 == parts.size()) marks |= mark_ends;
    write(marks, type_checkpoint, parts[i]);
  }
  checkpoint_size_ = end() - header_.checkpoint;
}

Position SegmentWriter::write(std::uint8_t marks, std::uint8_t type, std::string_view payload) {
  if (payload.size() > max_payload) throw std::length_error("a journal record is longer than 64 KiB");
  const std::uint64_t offset = end();
  const Position position = position_for(start_.segment, offset);
  const FrameContent content{head_.tag, marks, type, payload};
  buffer_ += seal_frame(binding(), ports_.entropy, offset, head_.sequence + 1, content, head_.tag);
  ++head_.sequence;
  if (buffer_.size() >= buffer_limit) flush();
  return position;
}

void SegmentWriter::flush() {
  file_->write_at(flushed_, buffer_);
  flushed_ += buffer_.size();
  buffer_.clear();
}

void SegmentWriter::finish() {
  if (!buffer_.empty()) flush();
  file_->write_at(0, seal_header(binding(), ports_.entropy, header_));
  file_->sync();
  ports_.disk.rename(path(unfinished_name(start_.segment)), path(segment_name(start_.segment)));
  finished_ = true;
}

}  // namespace mailpod::journal
