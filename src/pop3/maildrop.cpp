#include "maildrop.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mailpod::pop3 {

const store::MessageState* Maildrop::find(std::uint64_t number) const {
  if (number == 0 || number > marks_.size() || marks_[number - 1] == Mark::deleted) return nullptr;
  return &inbox_->at(store::SeqNum{static_cast<std::uint32_t>(number)});
}

void Maildrop::mark(std::uint64_t number) {
  marked_octets_ += find(number)->size;
  marks_[number - 1] = Mark::deleted;
  ++marked_;
}

void Maildrop::unmark_all() {
  std::ranges::fill(marks_, Mark::none);
  marked_ = 0;
  marked_octets_ = 0;
}

std::vector<store::Uid> Maildrop::marked() const {
  std::vector<store::Uid> uids;
  uids.reserve(marked_);
  if (marked_ == 0) return uids;
  std::size_t number = 0;
  for (const auto& chunk : inbox_->chunks) {
    for (const auto& message : chunk->messages) {
      if (marks_[number++] == Mark::deleted) uids.push_back(message.uid);
    }
  }
  return uids;
}

std::string Maildrop::unique_id(const store::MessageState& message) const {
  return fmt::format("{}.{}.{}", inbox_->id.value, inbox_->uid_validity.value, message.uid.value);
}

const store::MessageState* Maildrop::Walk::next() {
  const auto& chunks = maildrop_.inbox_->chunks;
  while (chunk_ < chunks.size()) {
    if (index_ == chunks[chunk_]->messages.size()) {
      ++chunk_;
      index_ = 0;
      continue;
    }
    const auto& message = chunks[chunk_]->messages[index_++];
    if (maildrop_.marks_[number_++] == Mark::none) return &message;
  }
  return nullptr;
}

}  // namespace mailpod::pop3
