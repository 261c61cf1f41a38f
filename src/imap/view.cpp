#include "view.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "difference.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using store::Flags;
using store::MailboxState;
using store::MessageState;
using store::SeqNum;
using store::Uid;

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
      settled_(state_->highest_mod_seq),
      told_count_(state_->count),
      told_below_(state_->uid_next),
      told_keywords_(state_->keywords.size()) {}

// The numbering.

const MessageState& View::at(SeqNum number) const {
  if (const auto* ghost = ghosts_.find(number)) return *ghost;
  return state_->at(SeqNum{number.value - ghosts_.before(number)});
}

std::uint32_t View::first_number_from(std::uint64_t uid) const {
  const auto live =
      uid > 0xffff'ffff ? state_->count + 1 : state_->lower_bound(Uid{static_cast<std::uint32_t>(uid)}).value;
  return std::min(live + ghosts_.below_uid(uid), count() + 1);
}

std::optional<SeqNum> View::find(Uid uid) const {
  const SeqNum number{first_number_from(uid.value)};
  if (number.value > count() || at(number).uid != uid) return std::nullopt;
  return number;
}

Uid View::highest_uid() const {
  return count() == 0 ? state_->uid_next : at(SeqNum{count()}).uid;
}

NumberRanges View::uids_in(const SequenceSet& set) const {
  return set.saved_result ? saved_ : set.resolved(highest_uid().value);
}

std::optional<NumberRanges> View::numbers_in(const SequenceSet& set, Numbers by) const {
  if (by == Numbers::sequence && !set.saved_result) {
    auto ranges = set.resolved(count());
    if (!ranges.empty() && (ranges.front().first == 0 || ranges.back().last > count())) return std::nullopt;
    return ranges;
  }
  return numbers_of(uids_in(set));
}

NumberRanges View::numbers_of(const NumberRanges& uids) const {
  NumberRanges numbers;
  for (const auto& range : uids) {
    const auto first = first_number_from(range.first);
    const auto after = first_number_from(std::uint64_t{range.last} + 1);
    if (first < after) numbers.push_back({first, after - 1});
  }
  return ghosts_.taken_out_of(coalesced(std::move(numbers)));
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

NumberRanges View::changed_since(store::ModSeq since, const NumberRanges& numbers) const {
  NumberRanges changed;
  for (const auto& range : numbers) {
    for (auto number = range.first; number <= range.last; ++number) {
      if (at(SeqNum{number}).mod_seq <= since) continue;
      if (!changed.empty() && changed.back().last + 1 == number) {
        changed.back().last = number;
      } else {
        changed.push_back({number, number});
      }
    }
  }
  return changed;
}

NumberRanges View::vanished_in(const NumberRanges& uids) const {
  NumberRanges vanished;
  for (const auto& range : uids) {
    const auto last = std::min(range.last, told_below_.value - 1);
    auto next = range.first;
    for (auto number = first_number_from(range.first); number <= count(); ++number) {
      const auto uid = at(SeqNum{number}).uid.value;
      if (uid > last) break;
      if (next < uid) vanished.push_back({next, uid - 1});
      next = uid + 1;
    }
    if (next <= last) vanished.push_back({next, last});
  }
  return vanished;
}

// What changed.

void View::advance(std::shared_ptr<const MailboxState> newest) {
  if (newest == state_) return;
  std::vector<MessageState> vanished;
  std::vector<Untold> changed;
  compare_versions(
      *state_, *newest,
      [&](const MessageState& message) {
        // What was never announced can go as it came.
        if (message.uid < told_below_) vanished.push_back(message);
      },
      [&](const MessageState& before, const MessageState&) {
        if (before.uid < told_below_) changed.push_back({before.uid, before.flags, Untold::Tell::changes});
      });
  if (all_told()) settled_ = state_->highest_mod_seq;
  state_ = std::move(newest);
  if (!vanished.empty()) {
    ghosts_.add(vanished, *state_);
    std::erase_if(untold_, [&](const Untold& one) { return !state_->find(one.uid).has_value(); });
  }
  add_untold(std::move(changed));
}

View::Untold View::joined(const Untold& older, const Untold& newer) {
  if (newer.tell == Untold::Tell::mod_seq) return older;
  if (older.tell == Untold::Tell::mod_seq) return newer;  // what came before it is known
  return {older.uid, older.before, std::max(older.tell, newer.tell)};
}

void View::add_untold(std::vector<Untold> changed) {
  if (changed.empty()) return;
  std::vector<Untold> merged;
  merged.reserve(untold_.size() + changed.size());
  std::size_t i = 0;
  for (const auto& old : untold_) {
    for (; i < changed.size() && changed[i].uid < old.uid; ++i) merged.push_back(changed[i]);
    const bool again = i < changed.size() && changed[i].uid == old.uid;
    merged.push_back(again ? joined(old, changed[i]) : old);
    if (again) ++i;
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

void View::want_told(std::span<const Uid> uids, Wanted wanted) {
  const auto tell = wanted == Wanted::flags ? Untold::Tell::flags : Untold::Tell::mod_seq;
  std::vector<Untold> more;
  more.reserve(uids.size());
  for (const auto uid : uids) {
    const auto number = uid < told_below_ ? state_->find(uid) : std::nullopt;
    if (number) more.push_back({uid, state_->at(*number).flags, tell});
  }
  asked_for_ = asked_for_ || !more.empty();
  add_untold(std::move(more));
}

void View::silence(std::span<const Uid> uids, const store::FlagChange& change) {
  for (auto& one : untold_) {
    if (!std::ranges::binary_search(uids, one.uid)) continue;
    const auto number = state_->find(one.uid);
    if (!number || state_->at(*number).flags != changed_by(change, one.before, state_->keywords)) continue;
    one.tell = Untold::Tell::mod_seq;
    asked_for_ = true;
  }
}

// Telling.

void View::announce_keywords(std::string& out) {
  if (told_keywords_ == state_->keywords.size()) return;
  write_flags_response(out, *state_);
  told_keywords_ = state_->keywords.size();
}

bool View::announce(std::string& out, const Telling& telling, std::size_t budget) {
  const auto end = out.size() + budget;
  if (telling.expunges == Expunges::announced && !ghosts_.empty()) {
    const bool by_uid = telling.enabled.qresync || telling.enabled.uid_only;
    if (by_uid ? announce_vanished(out, end) : announce_expunges(out, end)) return true;
  }
  if ((telling.news & Telling::arrivals) != 0) announce_arrivals(out);
  return announce_flags(out, telling, end);
}

void View::announce_arrivals(std::string& out) {
  told_below_ = state_->uid_next;
  const auto exists = state_->count + ghosts_.count();
  if (told_count_ == exists) return;
  told_count_ = exists;
  out += "* ";
  write_number(out, exists);
  out += " EXISTS\r\n";
}

bool View::announce_expunges(std::string& out, std::size_t end) {
  while (!ghosts_.empty() && out.size() < end) {
    out += "* ";
    write_number(out, ghosts_.first_number().value);
    out += " EXPUNGE\r\n";
    forget_ghosts(1);
  }
  return !ghosts_.empty();
}

/// One response or more, each with no more than a line holds well.
bool View::announce_vanished(std::string& out, std::size_t end) {
  constexpr std::size_t most_at_once = 500;
  while (!ghosts_.empty() && out.size() < end) {
    const auto uids = ghosts_.first_uids(most_at_once);
    out += "* VANISHED ";
    write_uid_set(out, uids);
    out += "\r\n";
    forget_ghosts(uids.size());
  }
  return !ghosts_.empty();
}

/// The first `count`, which the client now knows of.
void View::forget_ghosts(std::size_t count) {
  ghosts_.forget_first(count);
  told_count_ -= static_cast<std::uint32_t>(count);
}

bool View::announce_flags(std::string& out, const Telling& telling, std::size_t end) {
  using Tell = Untold::Tell;
  const auto& enabled = telling.enabled;
  const bool tells_changes = (telling.news & Telling::changes) != 0;
  if (!tells_changes && !asked_for_) return false;
  // Each is looked at once, in however many pieces: what stays moves to the front of what is gone.
  for (; untold_looked_ < untold_.size() && out.size() < end; ++untold_looked_) {
    const auto one = untold_[untold_looked_];
    if (one.tell == Tell::changes && !tells_changes) {
      untold_[untold_kept_++] = one;
      continue;
    }
    const auto number = find(one.uid);
    if (!number) continue;
    const auto& message = at(*number);
    const bool changed_back = one.tell == Tell::changes && message.flags == one.before;
    if (!enabled.condstore && (changed_back || one.tell == Tell::mod_seq)) continue;
    write_fetch_begin(out, *number, one.uid, enabled);
    std::string_view separator;
    if (!enabled.uid_only && (enabled.condstore || telling.shown == Shown::uid_and_flags)) {
      out += "UID ";
      write_number(out, one.uid.value);
      separator = " ";
    }
    if (one.tell != Tell::mod_seq) {
      out += separator;
      out += "FLAGS ";
      write_flags(out, message.flags, state_->keywords);
      separator = " ";
    }
    if (enabled.condstore) {
      out += separator;
      out += "MODSEQ ";
      write_mod_seq(out, message.mod_seq);
    }
    out += ")\r\n";
  }
  if (untold_looked_ < untold_.size()) return true;
  untold_.resize(untold_kept_);
  untold_looked_ = untold_kept_ = 0;
  asked_for_ = false;
  return false;
}

void write_fetch_begin(std::string& out, SeqNum number, Uid uid, const Enabled& enabled) {
  out += enabled.uid_only ? "* UIDFETCH " : "* ";
  write_number(out, enabled.uid_only ? uid.value : number.value);
  out += enabled.uid_only ? " (" : " FETCH (";
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
