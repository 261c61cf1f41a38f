#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "search_answer.hpp"
#include "sort_criteria.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// Puts messages of a view in the order of some criteria. Of each message it keeps what is compared and nothing else: a
/// number, or at most 512 octets of text. O(n log n). Pool; the view must not change meanwhile.
class SortScan {
public:
  /// What was found, in mailbox order. View, vault and clock are borrowed.
  SortScan(SortCriteria criteria, Found found, const View& view, store::Vault& vault, base::Clock& clock);

  /// Reads keys for about `time`; true if more are left. The last call sorts.
  bool next(std::chrono::microseconds time);
  /// How many messages' keys were read.
  std::size_t done() const { return read_; }

  /// Once next() is done. What no criterion tells apart is in mailbox order.
  const Found& sorted() const { return found_; }

private:
  /// One criterion's keys of all messages.
  struct Column {
    SortCriterion criterion;
    std::vector<std::uint64_t> numbers;
    std::string octets;  // one text behind the other
    std::vector<std::uint64_t> ends;

    std::string_view text(std::size_t row) const;
    int compare(std::size_t left, std::size_t right) const;
  };
  void read(std::size_t row);
  std::uint64_t number_for(SortCriterion::Key key, std::size_t row, const message::Structure* structure) const;
  void sort();

  std::vector<Column> columns_;
  Found found_;
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  std::size_t read_ = 0;
};

/// The sent date in seconds since 1970, or when it was received if it has none that can be read. RFC 5256 §2.2.
std::int64_t sent_time(const message::Structure* structure, const store::MessageState& state);

}  // namespace mailpod::imap
