#pragma once

#include <chrono>
#include <memory>

#include "thread_forest.hpp"
#include "thread_scan.hpp"

namespace mailpod::imap {

enum class ThreadAlgorithm {
  ordered_subject,  ///< one thread for each subject; all others answer its first message. RFC 5256 §3
  references,       ///< by References, and then by subject; in the order of the sent dates. RFC 5256 §3
  refs,  ///< by References alone; the thread that got a message last comes last. draft-ietf-morg-inthread-01, section 4
};

/// Makes threads of what a finished scan has read. O(n log n). Pool.
class ThreadBuild {
public:
  /// Scan and clock are borrowed.
  ThreadBuild(ThreadAlgorithm algorithm, const ThreadScan& scan, base::Clock& clock);
  ~ThreadBuild();
  ThreadBuild(const ThreadBuild&) = delete;
  ThreadBuild& operator=(const ThreadBuild&) = delete;

  /// Goes on for about `time`; true if more is left to do.
  bool next(std::chrono::microseconds time);
  /// Of messages: they were all counted when they were read.
  std::size_t done() const { return 0; }

  /// Once next() is done.
  const ThreadForest& forest() const;

private:
  class Work;
  std::unique_ptr<Work> work_;
  base::Clock& clock_;
};

}  // namespace mailpod::imap
