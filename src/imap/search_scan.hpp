#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "search_program.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// Looks at the messages of a view one after the other, as deep as the program demands and no deeper. Pool; the view
/// must not change meanwhile.
class SearchScan {
public:
  /// All but `program` is borrowed.
  SearchScan(SearchProgram program, const View& view, store::Vault& vault, base::Clock& clock);

  /// Goes on for about `time`; true if more messages are left.
  bool next(std::chrono::microseconds time);
  /// From any thread: next() returns soon, and nothing is found any more.
  void stop() { stop_ = true; }

  /// Sequence numbers, ascending.
  const std::vector<store::SeqNum>& found() const { return found_; }
  /// Messages whose octets could not be read; they count as not found.
  std::uint32_t unreadable() const { return unreadable_; }

private:
  class Candidate;
  void resolve_sets(SearchKey& key);
  bool matches(const SearchKey& key, Candidate& candidate) const;
  bool matches_state(const SearchKey& key, const Candidate& candidate) const;

  SearchProgram program_;
  std::vector<NumberRanges> sets_;  // what SearchKey::index of UID and sequence keys means
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  std::atomic<bool> stop_{false};
  std::uint32_t next_ = 1;
  std::vector<store::SeqNum> found_;
  std::uint32_t unreadable_ = 0;
};

}  // namespace mailpod::imap
