#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <mailpod/journal/journal.hpp>

#include "frame.hpp"

namespace mailpod::journal {

/// Finds single records by their position. Any thread; one file handle a segment, opened when first needed.
class RecordReader {
public:
  RecordReader(base::Disk& disk, const Journal::Identity& identity, const crypto::Key& key)
      : disk_(disk), identity_(identity), key_(key) {}

  /// Errors: damaged.
  Result<Journal::Content> read(Position position);
  /// After a rewrite no earlier position is good.
  void forget();

private:
  struct OpenSegment {
    std::mutex mutex;
    std::unique_ptr<base::File> file;
  };
  std::shared_ptr<OpenSegment> segment(std::uint32_t number);

  base::Disk& disk_;
  const Journal::Identity& identity_;
  const crypto::Key& key_;
  std::mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<OpenSegment>> segments_;
};

}  // namespace mailpod::journal
