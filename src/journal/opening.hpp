#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/journal/journal.hpp>

#include "segment.hpp"
#include "segment_reader.hpp"

namespace mailpod::journal {

/// What reading a journal found out.
struct Opened {
  std::vector<std::uint32_t> segments;  ///< ascending; the newest is where writing goes on
  std::uint32_t highest = 0;            ///< number of any file in the folder
  std::uint64_t end = 0;                ///< of the last committed group in the newest segment
  bool newest_sound = true;             ///< false: begin a new segment rather than write on in this one
  Head head;
  bool closed = false;
  std::uint64_t checkpoint_size = 0;
  std::uint64_t tail_size = 0;
  std::vector<Finding> findings;
};

/// Reads a journal: the newest checkpoint that is sound, and everything behind it.
class Opening {
public:
  Opening(base::Disk& disk, const Journal::Identity& identity, const crypto::Key& key, std::uint64_t budget,
          Replay& replay);

  /// Errors: no_journal, wrong_key, unknown_version. Sets an unfinished tail aside and removes what an unfinished
  /// checkpoint or rewrite left.
  Result<Opened> run();

private:
  struct Segment {
    std::uint32_t number = 0;
    std::unique_ptr<base::File> file;
    std::optional<SegmentHeader> header;
  };
  struct Checkpoint {
    bool taken = true;  ///< by the replay
    std::uint64_t end = 0;
    std::uint64_t sequence = 0;
    Tag tag{};
  };

  Status load();
  void find_chain_start();
  /// Index of the segment whose checkpoint was given to the replay; nothing if all must be read.
  std::optional<std::size_t> apply_checkpoint();
  /// Hands its parts to the replay as they are read, which begins anew for it, so that a large one is never in memory
  /// as a whole; nothing if it is not sound.
  std::optional<Checkpoint> read_checkpoint(const Segment& segment);
  void replay_from(std::size_t index, std::uint64_t offset, std::uint64_t sequence, std::optional<Tag> tag);
  void check_number(std::size_t index);
  void complete_last_record();
  void set_tail_aside();
  void remove_obsolete();
  Binding binding(const Segment& segment) const { return {key_, identity_.owner, segment.number}; }

  base::Disk& disk_;
  const Journal::Identity& identity_;
  const crypto::Key& key_;
  std::uint64_t budget_;
  Replay& replay_;
  std::vector<Segment> segments_;
  std::size_t chain_start_ = 0;
  bool chain_start_sound_ = false;
  std::uint64_t records_ = 0;
  Opened opened_;
};

}  // namespace mailpod::journal
