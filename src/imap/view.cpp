#include "view.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "response.hpp"

namespace mailpod::imap {
namespace {

using store::Flags;
using store::MailboxState;
using store::MessageState;
using store::SeqNum;
using store::Uid;

/// A place in a version of a mailbox, moving by message or by chunk.
class Walk {
public:
  explicit Walk(const MailboxState& state) : chunks_(state.chunks) {}

  bool at_end() const { return chunk_ == chunks_.size(); }
  const MessageState& message() const { return chunks_[chunk_]->messages[index_]; }
  /// The chunk whose first message this is; nullptr within a chunk.
  const MailboxState::Chunk* begun_chunk() const { return index_ == 0 ? chunks_[chunk_].get() : nullptr; }
  void next() {
    if (++index_ == chunks_[chunk_]->messages.size()) skip_chunk();
  }
  void skip_chunk() {
    ++chunk_;
    index_ = 0;
  }

private:
  const std::vector<std::shared_ptr<const MailboxState::Chunk>>& chunks_;
  std::size_t chunk_ = 0;
  std::size_t index_ = 0;
};

/// Calls `vanished(message)` and `changed(before, after)` in ascending order. Chunks that both versions share cost
/// nothing.
template <class Vanished, class Changed>
void compare(const MailboxState& older, const MailboxState& newer, Vanished vanished, Changed changed) {
  Walk before(older);
  Walk after(newer);
  while (!before.at_end()) {
    if (!after.at_end() && before.begun_chunk() != nullptr && before.begun_chunk() == after.begun_chunk()) {
      before.skip_chunk();
      after.skip_chunk();
    } else if (after.at_end() || before.message().uid < after.message().uid) {
      vanished(before.message());
      before.next();
    } else if (after.message().uid < before.message().uid) {
      after.next();
    } else {
      if (before.message().flags != after.message().flags) changed(before.message(), after.message());
      before.next();
      after.next();
    }
  }
}

Flags changed_by(const store::FlagChange& change, Flags flags, std::span<const std::string> keywords) {
  std::uint32_t bits = change.system;
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    const auto named = [&](const std::string& keyword) { return text::equal_fold(keyword, keywords[i]); };
    if (std::ranges::any_of(change.keywords, named)) bits |= 1U << (Flags::first_keyword + i);
  }
  switch (change.how) {
    case store::FlagChange::How::add:
      return {flags.bits | bits};
    case store::FlagChange::How::remove:
      return {flags.bits & ~bits};
    case store::FlagChange::How::replace:
      return {bits};
  }
  return flags;
}

}  // namespace

View::View(std::shared_ptr<const MailboxState> state)
    : state_(std::move(state)),
      told_count_(state_->count),
      told_below_(state_->uid_next),
      told_keywords_(state_->keywords.size()) {}

// The numbering.

const MessageState& View::at(SeqNum number) const {
  const auto ghost = std::ranges::lower_bound(ghosts_, number.value, {}, &Ghost::number);
  if (ghost != ghosts_.end() && ghost->number == number.value) return ghost->message;
  return state_->at(SeqNum{number.value - static_cast<std::uint32_t>(ghost - ghosts_.begin())});
}

bool View::is_ghost(SeqNum number) const {
  return std::ranges::binary_search(ghosts_, number.value, {}, &Ghost::number);
}

std::uint32_t View::first_number_from(std::uint64_t uid) const {
  const auto uid_of = [](const Ghost& one) { return std::uint64_t{one.message.uid.value}; };
  const auto ghosts_below = std::ranges::lower_bound(ghosts_, uid, {}, uid_of) - ghosts_.begin();
  const auto live =
      uid > 0xffff'ffff ? state_->count + 1 : state_->lower_bound(Uid{static_cast<std::uint32_t>(uid)}).value;
  return std::min(live + static_cast<std::uint32_t>(ghosts_below), count() + 1);
}

std::optional<SeqNum> View::find(Uid uid) const {
  const SeqNum number{first_number_from(uid.value)};
  if (number.value > count() || at(number).uid != uid) return std::nullopt;
  return number;
}

Uid View::highest_uid() const {
  return count() == 0 ? state_->uid_next : at(SeqNum{count()}).uid;
}

std::optional<NumberRanges> View::numbers_in(const SequenceSet& set, Numbers by) const {
  if (by == Numbers::sequence) {
    auto ranges = set.resolved(count());
    if (!ranges.empty() && (ranges.front().first == 0 || ranges.back().last > count())) return std::nullopt;
    return ranges;
  }
  NumberRanges numbers;
  for (const auto& uids : set.resolved(highest_uid().value)) {
    const auto first = first_number_from(uids.first);
    const auto after = first_number_from(std::uint64_t{uids.last} + 1);
    if (first < after) numbers.push_back({first, after - 1});
  }
  return without_ghosts(coalesced(std::move(numbers)));
}

NumberRanges View::without_ghosts(const NumberRanges& numbers) const {
  NumberRanges live;
  auto ghost = ghosts_.begin();
  for (const auto& range : numbers) {
    auto first = range.first;
    while (ghost != ghosts_.end() && ghost->number < first) ++ghost;
    for (; ghost != ghosts_.end() && ghost->number <= range.last; ++ghost) {
      if (first < ghost->number) live.push_back({first, ghost->number - 1});
      first = ghost->number + 1;
    }
    if (first <= range.last) live.push_back({first, range.last});
  }
  return live;
}

std::vector<Uid> View::uids_at(const NumberRanges& numbers) const {
  std::vector<Uid> uids;
  for (const auto& range : numbers) {
    for (auto number = range.first; number <= range.last; ++number) {
      if (!is_ghost(SeqNum{number})) uids.push_back(at(SeqNum{number}).uid);
    }
  }
  return uids;
}

bool View::any_ghost_in(const NumberRanges& numbers) const {
  return std::ranges::any_of(ghosts_, [&](const Ghost& one) { return contains(numbers, one.number); });
}

// What changed.

void View::advance(std::shared_ptr<const MailboxState> newest) {
  if (newest == state_) return;
  std::vector<MessageState> vanished;
  std::vector<Untold> changed;
  compare(
      *state_, *newest,
      [&](const MessageState& message) {
        // What was never announced can go as it came.
        if (message.uid < told_below_) vanished.push_back(message);
      },
      [&](const MessageState& before, const MessageState&) {
        if (before.uid < told_below_) changed.push_back({before.uid, before.flags, false});
      });
  state_ = std::move(newest);
  add_ghosts(std::move(vanished));
  add_untold(std::move(changed));
}

void View::add_ghosts(std::vector<MessageState> vanished) {
  if (!vanished.empty()) {
    std::vector<Ghost> merged;
    merged.reserve(ghosts_.size() + vanished.size());
    std::size_t i = 0;
    for (const auto& ghost : ghosts_) {
      for (; i < vanished.size() && vanished[i].uid < ghost.message.uid; ++i) merged.push_back({vanished[i], 0});
      merged.push_back(ghost);
    }
    for (; i < vanished.size(); ++i) merged.push_back({vanished[i], 0});
    ghosts_ = std::move(merged);
    const auto gone = [&](const Untold& one) { return !state_->find(one.uid).has_value(); };
    std::erase_if(untold_, gone);
  }
  number_ghosts();
}

void View::number_ghosts() {
  std::uint32_t before = 0;
  for (auto& ghost : ghosts_) ghost.number = state_->lower_bound(ghost.message.uid).value + before++;
}

void View::add_untold(std::vector<Untold> changed) {
  if (changed.empty()) return;
  std::vector<Untold> merged;
  merged.reserve(untold_.size() + changed.size());
  std::size_t i = 0;
  for (const auto& old : untold_) {
    for (; i < changed.size() && changed[i].uid < old.uid; ++i) merged.push_back(changed[i]);
    merged.push_back(old);
    if (i < changed.size() && changed[i].uid == old.uid) {
      merged.back().wanted |= changed[i].wanted;
      ++i;
    }
  }
  merged.insert(merged.end(), changed.begin() + static_cast<std::ptrdiff_t>(i), changed.end());
  untold_ = std::move(merged);
}

// What the client knows.

bool View::flags_untold(Uid uid) const {
  return std::ranges::binary_search(untold_, uid, {}, &Untold::uid);
}

void View::told(std::span<const Uid> uids) {
  const auto known = [&](const Untold& one) { return std::ranges::binary_search(uids, one.uid); };
  std::erase_if(untold_, known);
}

void View::want_told(std::span<const Uid> uids) {
  std::vector<Untold> wanted;
  wanted.reserve(uids.size());
  for (const auto uid : uids) {
    if (const auto number = state_->find(uid)) wanted.push_back({uid, state_->at(*number).flags, true});
  }
  add_untold(std::move(wanted));
}

void View::silence(std::span<const Uid> uids, const store::FlagChange& change) {
  const auto expected = [&](const Untold& one) {
    if (!std::ranges::binary_search(uids, one.uid)) return false;
    const auto number = state_->find(one.uid);
    return number && state_->at(*number).flags == changed_by(change, one.before, state_->keywords);
  };
  std::erase_if(untold_, expected);
}

// Telling.

void View::announce_keywords(std::string& out) {
  if (told_keywords_ == state_->keywords.size()) return;
  write_flags_response(out, *state_);
  told_keywords_ = state_->keywords.size();
}

bool View::announce(std::string& out, Expunges expunges, Shown shown, std::size_t budget) {
  const auto end = out.size() + budget;
  if (expunges == Expunges::announced && announce_expunges(out, end)) return true;
  const auto exists = state_->count + static_cast<std::uint32_t>(ghosts_.size());
  if (told_count_ != exists) {
    told_count_ = exists;
    out += "* ";
    write_number(out, exists);
    out += " EXISTS\r\n";
  }
  told_below_ = state_->uid_next;
  return announce_flags(out, shown, end);
}

bool View::announce_expunges(std::string& out, std::size_t end) {
  std::uint32_t done = 0;
  for (; done < ghosts_.size() && out.size() < end; ++done) {
    out += "* ";
    write_number(out, ghosts_[done].number - done);  // those before are out of the count already
    out += " EXPUNGE\r\n";
  }
  ghosts_.erase(ghosts_.begin(), ghosts_.begin() + done);
  number_ghosts();
  told_count_ -= done;
  return !ghosts_.empty();
}

bool View::announce_flags(std::string& out, Shown shown, std::size_t end) {
  std::ptrdiff_t done = 0;
  for (; done < std::ssize(untold_) && out.size() < end; ++done) {
    const auto& one = untold_[static_cast<std::size_t>(done)];
    const auto number = find(one.uid);
    if (!number) continue;
    const auto& message = at(*number);
    if (!one.wanted && message.flags == one.before) continue;  // changed, and changed back
    out += "* ";
    write_number(out, number->value);
    out += " FETCH (";
    if (shown == Shown::uid_and_flags) {
      out += "UID ";
      write_number(out, one.uid.value);
      out += ' ';
    }
    out += "FLAGS ";
    write_flags(out, message.flags, state_->keywords);
    out += ")\r\n";
  }
  untold_.erase(untold_.begin(), untold_.begin() + done);
  return !untold_.empty();
}

void write_flags_response(std::string& out, const MailboxState& mailbox) {
  out += "* FLAGS ";
  write_flags(out, Flags{~0U}, mailbox.keywords);
  out += "\r\n";
}

void write_permanent_flags(std::string& out, const MailboxState& mailbox) {
  constexpr std::size_t most_keywords = 32 - Flags::first_keyword;
  write_flags(out, Flags{~0U}, mailbox.keywords);
  if (mailbox.keywords.size() < most_keywords) out.insert(out.size() - 1, " \\*");  // new keywords may be made
}

}  // namespace mailpod::imap
