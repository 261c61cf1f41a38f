#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <mailpod/journal/journal.hpp>

#include "segment.hpp"

namespace mailpod::journal {

/// Writes a whole new segment under its unfinished name. Destroyed before it took its name it removes the file.
class SegmentWriter {
public:
  struct Start {
    std::uint32_t segment;
    Head head;  ///< the last record before it
    bool begins_chain;
  };
  SegmentWriter(const Journal::Ports& ports, const Journal::Identity& identity, const crypto::Key& key, Start start);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  /// One record, a group of its own.
  Position add(std::uint8_t type, std::string_view payload);
  /// The segment's checkpoint: its parts are one group. At most once.
  void add_checkpoint(std::span<const std::string> parts);
  /// Header, sync, rename. The name is durable only once the folder was synced.
  void finish();

  std::unique_ptr<base::File> take_file() { return std::move(file_); }
  const Head& head() const { return head_; }
  std::uint64_t end() const { return flushed_ + buffer_.size(); }
  std::uint64_t checkpoint_size() const { return checkpoint_size_; }

private:
  Position write(std::uint8_t marks, std::uint8_t type, std::string_view payload);
  void flush();
  std::string path(const std::string& name) const { return base::join(identity_.folder, name); }
  Binding binding() const { return {key_, identity_.owner, start_.segment}; }

  Journal::Ports ports_;
  const Journal::Identity& identity_;
  const crypto::Key& key_;
  Start start_;
  Head head_;
  std::unique_ptr<base::File> file_;
  SegmentHeader header_;
  std::string buffer_;  ///< not yet written
  std::uint64_t flushed_ = header_size;
  std::uint64_t checkpoint_size_ = 0;
  bool finished_ = false;
};

}  // namespace mailpod::journal
