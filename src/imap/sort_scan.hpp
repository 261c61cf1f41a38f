#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "search_answer.hpp"
#include "sliced_sort.hpp"
#include "sort_criteria.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// Puts messages of a view in the order of some criteria. Of each message it keeps what is compared and nothing else: a
/// number, or the first octets of a text, 512 as long as there is room for all of them, and never fewer than 32.
/// O(n log n). Pool; the view must not change meanwhile.
class SortScan {
public:
  /// Octets of all texts: where a million messages are sorted, as many as 134 of each.
  static constexpr std::size_t usual_room = 128 * 1024 * 1024;

  /// What was found, in mailbox order. View, vault and clock are borrowed.
  SortScan(const SortCriteria& criteria, Found found, const View& view, store::Vault& vault, base::Clock& clock,
           std::size_t room = usual_room);
  SortScan(const SortScan&) = delete;
  SortScan& operator=(const SortScan&) = delete;

  /// Reads keys, and then sorts, for about `time`; true if more is left to do.
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
    void shorten(std::size_t longest);
  };
  struct Before {
    const std::vector<Column>* columns;
    bool operator()(std::uint32_t left, std::uint32_t right) const;
  };
  void read(std::size_t row);
  std::size_t octets() const;
  std::uint64_t number_for(SortCriterion::Key key, std::size_t row, const message::Structure* structure) const;
  void put_in_order();

  std::vector<Column> columns_;
  Found found_;
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  const std::size_t room_;
  std::size_t longest_;  // octets of a text
  std::size_t read_ = 0;
  std::optional<SlicedSort<std::uint32_t, Before>> order_;  // of rows, once all are read
};

/// The sent date in seconds since 1970, or when it was received if it has none that can be read. RFC 5256 §2.2.
std::int64_t sent_time(const message::Structure* structure, const store::MessageState& state);

}  // namespace mailpod::imap
