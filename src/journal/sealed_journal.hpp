#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mailpod/journal/journal.hpp>

#include "opening.hpp"
#include "record_reader.hpp"
#include "segment_writer.hpp"

namespace mailpod::journal {

/// The journal on disk.
class SealedJournal final : public Journal {
public:
  SealedJournal(const Ports& ports, Identity identity, crypto::Key key);

  void create_new();
  Status open_existing(const Settings& settings, Replay& replay);

  const std::vector<Finding>& findings() const override { return findings_; }
  bool was_closed() const override { return was_closed_; }
  Position stage(std::uint8_t type, std::string_view payload) override;
  bool anything_staged() const override { return !staged_.empty(); }
  void unstage() override {
    staged_.clear();
    staged_size_ = 0;
  }
  void commit() override;
  bool in_doubt() const override { return end_in_doubt_; }
  std::uint64_t tail_size() const override { return tail_size_; }
  std::uint64_t checkpoint_size() const override { return checkpoint_size_; }
  std::uint64_t total_size() const override { return closed_segments_size_ + end_; }
  void checkpoint(std::span<const std::string> parts) override;
  std::vector<Finding> inspect_all() const override { return inspect(ports_, identity_, key_, {}); }
  Result<Content> read(Position position) const override { return reader_.read(position); }
  Head head() const override;
  std::unique_ptr<Rewrite> rewrite() override;
  void close() override;

private:
  class NewChain;
  struct Staged {
    std::uint8_t type;
    std::string payload;
  };

  Binding binding() const { return {key_, identity_.owner, segments_.back()}; }
  std::string frames_of_staged(Head& head);
  void write_durably(std::string_view octets);
  void make_sound();
  void take_back() noexcept;
  void cut_to_end();
  void begin_segment();
  void adopt(SegmentWriter& writer, std::uint32_t number);
  void sync_names();
  void unlink_segments_before(std::uint32_t number);
  void retire_old_chain();

  Ports ports_;
  Identity identity_;
  crypto::Key key_;
  mutable RecordReader reader_;
  std::vector<Finding> findings_;
  bool was_closed_ = false;

  std::vector<std::uint32_t> segments_;
  std::uint32_t highest_ = 0;  ///< number ever used in this folder
  std::unique_ptr<base::File> file_;
  std::uint64_t end_ = 0;
  std::uint64_t closed_segments_size_ = 0;
  std::uint64_t checkpoint_size_ = 0;
  std::uint64_t tail_size_ = 0;
  bool end_in_doubt_ = false;    ///< what a failed commit wrote may still be there
  bool names_unsynced_ = false;  ///< the newest segment's name is not durable yet

  std::vector<Staged> staged_;
  std::uint64_t staged_size_ = 0;

  mutable std::mutex head_mutex_;
  Head head_;
};

}  // namespace mailpod::journal
