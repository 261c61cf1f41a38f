#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mailpod::imap {

/// Sorts a little at a time, so that who holds a thread of the pool can give it back in between: short runs first,
/// which are then merged two by two. `less` tells all values apart. O(n log n).
template <class Value, class Less>
class SlicedSort {
public:
  SlicedSort(std::vector<Value> values, Less less) : values_(std::move(values)), less_(std::move(less)) {}

  /// Some hundred comparisons more; true if more are left.
  bool next();

  /// Sorted once next() says so.
  std::vector<Value>& values() { return values_; }

private:
  static constexpr std::size_t run = 64;

  void begin_pair(std::size_t at);
  void merge_one();

  std::vector<Value> values_;
  Less less_;
  std::size_t in_runs_ = 0;    // so many values stand in sorted runs
  std::size_t width_ = run;    // of a sorted run
  std::vector<Value> merged_;  // the runs of twice the width, as far as they are made
  std::size_t left_ = 0;       // the two that are being merged
  std::size_t left_end_ = 0;
  std::size_t right_ = 0;
  std::size_t right_end_ = 0;
};

// ------------------------------------------------------------------------------------------------------------------

template <class Value, class Less>
bool SlicedSort<Value, Less>::next() {
  const auto size = values_.size();
  if (in_runs_ < size) {
    const auto end = std::min(size, in_runs_ + run);
    std::sort(values_.begin() + static_cast<std::ptrdiff_t>(in_runs_),
              values_.begin() + static_cast<std::ptrdiff_t>(end), less_);
    in_runs_ = end;
    if (in_runs_ == size) begin_pair(0);
    return in_runs_ < size || width_ < size;
  }
  constexpr unsigned at_once = 512;
  for (unsigned i = 0; i < at_once && width_ < size; ++i) merge_one();
  return width_ < size;
}

template <class Value, class Less>
void SlicedSort<Value, Less>::begin_pair(std::size_t at) {
  left_ = at;
  left_end_ = right_ = std::min(at + width_, values_.size());
  right_end_ = std::min(at + 2 * width_, values_.size());
}

template <class Value, class Less>
void SlicedSort<Value, Less>::merge_one() {
  const bool from_right = left_ == left_end_ || (right_ < right_end_ && less_(values_[right_], values_[left_]));
  merged_.push_back(std::move(values_[from_right ? right_++ : left_++]));
  if (merged_.size() < right_end_) return;
  if (right_end_ == values_.size()) {
    values_.swap(merged_);
    merged_.clear();
    width_ *= 2;
  }
  begin_pair(merged_.size());
}

}  // namespace mailpod::imap
