#include "meter.hpp"

#include <utility>

namespace mailpod::store {

std::optional<Usage> Meter::known() const {
  const std::scoped_lock lock(mutex_);
  if (!held_ || !waiting_) return std::nullopt;
  return *held_ + *waiting_;
}

Usage Meter::held() const {
  const std::scoped_lock lock(mutex_);
  return held_.value_or(Usage());
}

void Meter::arrived(const MessageId& message, std::uint64_t sealed_size) {
  const std::scoped_lock lock(mutex_);
  ++arrivals_;
  if (meanwhile_) {
    meanwhile_->emplace(message, sealed_size);
  } else if (waiting_) {
    *waiting_ += {sealed_size, 1};
  }
}

std::uint64_t Meter::arrivals() const {
  const std::scoped_lock lock(mutex_);
  return arrivals_;
}

void Meter::hold(const Vault& vault) {
  // Bells ring on several threads: who comes last must have looked last.
  const std::scoped_lock lock(mutex_);
  held_ = usage_of(*vault.state());
}

void Meter::took(const Usage& merged) {
  const std::scoped_lock lock(mutex_);
  if (waiting_) *waiting_ -= merged;
}

void Meter::all_merged(std::uint64_t arrivals) {
  const std::scoped_lock lock(mutex_);
  if (arrivals == arrivals_) waiting_ = Usage();
}

void Meter::begin_count() {
  const std::scoped_lock lock(mutex_);
  meanwhile_.emplace();
}

void Meter::finish_count(const Counted& counted) {
  const std::scoped_lock lock(mutex_);
  auto waiting = std::exchange(meanwhile_, std::nullopt).value_or(std::map<MessageId, std::uint64_t>());
  waiting.insert(counted.waiting.begin(), counted.waiting.end());
  held_ = counted.held;
  waiting_ = Usage();
  for (const auto& [message, size] : waiting) *waiting_ += {size, 1};
}

void Meter::give_up_count() {
  const std::scoped_lock lock(mutex_);
  meanwhile_.reset();
}

}  // namespace mailpod::store
