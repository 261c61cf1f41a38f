#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "sort_criteria.hpp"
#include "sort_scan.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// The order that SORT put a followed result in. What it keeps is four octets for each message: keys are read anew
/// where something comes between others.
class LiveOrder {
public:
  /// A step that the client takes with its own list: the message goes from this place, or comes there; places count
  /// from 1, each after the steps before. RFC 5267 §4.3.3, §4.3.4.
  struct Step {
    std::uint32_t place;
    store::Uid uid;
  };

  LiveOrder(SortCriteria criteria, std::vector<store::Uid> uids)
      : criteria_(std::move(criteria)), uids_(std::move(uids)) {}

  /// `gone` is ascending. The last place first, so that no step moves what a later one names. O(n log n).
  std::vector<Step> take_out(const std::vector<store::Uid>& gone);

  /// Finds the places of messages that come in, and puts them there. Pool; view and order must not change meanwhile.
  class Insertion;

private:
  SortCriteria criteria_;
  std::vector<store::Uid> uids_;
};

class LiveOrder::Insertion {
public:
  /// `fresh` is in mailbox order. All is borrowed.
  Insertion(LiveOrder& order, std::vector<store::SeqNum> fresh, const View& view, store::Vault& vault,
            base::Clock& clock);

  /// Goes on for about `time`; true if more is left to do.
  bool next(std::chrono::microseconds time);
  /// Once next() is done: the first place first.
  const std::vector<Step>& steps() const { return steps_; }

private:
  std::size_t place_of(store::SeqNum message) const;
  bool stands_before(store::SeqNum one, store::SeqNum other) const;
  void merge();

  LiveOrder& order_;
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  SortScan sorting_;
  bool sorted_ = false;
  std::vector<std::size_t> places_;  // ascending: how many of the old ones stand before each fresh one
  std::vector<Step> steps_;
};

}  // namespace mailpod::imap
