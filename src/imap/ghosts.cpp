#include "ghosts.hpp"

#include <algorithm>

namespace mailpod::imap {

/// The first with this number, or a greater one.
std::deque<Ghosts::Ghost>::const_iterator Ghosts::from(std::uint32_t number) const {
  return std::ranges::lower_bound(ghosts_, std::uint64_t{number} + told_, {}, &Ghost::number);
}

const store::MessageState* Ghosts::find(store::SeqNum number) const {
  const auto ghost = from(number.value);
  return ghost != ghosts_.end() && ghost->number - told_ == number.value ? &ghost->message : nullptr;
}

std::uint32_t Ghosts::before(store::SeqNum number) const {
  return static_cast<std::uint32_t>(from(number.value) - ghosts_.begin());
}

std::uint32_t Ghosts::below_uid(std::uint64_t uid) const {
  const auto uid_of = [](const Ghost& one) { return std::uint64_t{one.message.uid.value}; };
  return static_cast<std::uint32_t>(std::ranges::lower_bound(ghosts_, uid, {}, uid_of) - ghosts_.begin());
}

bool Ghosts::any_in(const NumberRanges& numbers) const {
  return std::ranges::any_of(numbers, [this](const auto& range) {
    const auto first = from(range.first);
    return first != ghosts_.end() && first->number - told_ <= range.last;
  });
}

NumberRanges Ghosts::taken_out_of(const NumberRanges& numbers) const {
  NumberRanges live;
  for (const auto& range : numbers) {
    auto first = range.first;
    for (auto ghost = from(first); ghost != ghosts_.end() && ghost->number - told_ <= range.last; ++ghost) {
      const auto number = ghost->number - told_;
      if (first < number) live.push_back({first, number - 1});
      first = number + 1;
    }
    if (first <= range.last) live.push_back({first, range.last});
  }
  return live;
}

void Ghosts::add(std::span<const store::MessageState> vanished, const store::MailboxState& live) {
  if (vanished.empty()) return;
  std::deque<Ghost> later;
  while (!ghosts_.empty() && vanished.front().uid < ghosts_.back().message.uid) {
    later.push_front(ghosts_.back());
    ghosts_.pop_back();
  }
  const auto add_new = [&](const store::MessageState& message) {
    ghosts_.push_back({message, live.lower_bound(message.uid).value + count() + told_});
  };
  auto next = vanished.begin();
  for (const auto& ghost : later) {
    for (; next != vanished.end() && next->uid < ghost.message.uid; ++next) add_new(*next);
    ghosts_.push_back(ghost);
  }
  for (; next != vanished.end(); ++next) add_new(*next);
}

std::vector<store::Uid> Ghosts::first_uids(std::size_t most) const {
  std::vector<store::Uid> uids;
  for (std::size_t i = 0; i < std::min(most, ghosts_.size()); ++i) uids.push_back(ghosts_[i].message.uid);
  return uids;
}

void Ghosts::forget_first(std::size_t count) {
  ghosts_.erase(ghosts_.begin(), ghosts_.begin() + static_cast<std::ptrdiff_t>(count));
  told_ = ghosts_.empty() ? 0 : told_ + static_cast<std::uint32_t>(count);
}

}  // namespace mailpod::imap
