#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace mailpod::base {

/// A value that many read and that is replaced as a whole: who took it keeps what they took, whatever comes after it.
/// Settings are such values. Any thread.
template <class T>
class Current {
public:
  explicit Current(std::shared_ptr<const T> first) : value_(std::move(first)) {}
  explicit Current(T first) : value_(std::make_shared<const T>(std::move(first))) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void replace(std::shared_ptr<const T> next) {
    const std::lock_guard lock(mutex_);
    value_.swap(next);  // what was there is destroyed after the lock is gone
  }
  void replace(T next) { replace(std::make_shared<const T>(std::move(next))); }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace mailpod::base
