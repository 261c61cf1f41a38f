// Any octets as what a client knows of a mailbox: what the ranges say is what their numbers say, one by one.

#include <algorithm>
#include <cstdlib>

#include "../../src/imap/resynchronization.hpp"

namespace {

using namespace mailpod;
using imap::NumberRanges;

/// UIDs with gaps here and there.
const std::vector<std::uint32_t> uids = {1, 2, 3, 5, 6, 9, 10, 11, 12, 20, 21, 30, 31, 32, 33, 40};
constexpr std::uint32_t most = 64;  // of the numbers that are looked at one by one

imap::View make_view() {
  auto state = std::make_shared<store::MailboxState>();
  for (std::size_t i = 0; i < uids.size(); i += 3) {
    auto chunk = std::make_shared<store::MailboxState::Chunk>();
    state->chunk_starts.push_back(static_cast<std::uint32_t>(i));
    for (auto j = i; j < std::min(i + 3, uids.size()); ++j) {
      auto& message = chunk->messages.emplace_back();
      message.uid = {uids[j]};
      message.mod_seq = {j};
    }
    state->chunks.push_back(std::move(chunk));
  }
  state->count = static_cast<std::uint32_t>(uids.size());
  state->uid_next = {50};
  return imap::View(std::move(state));
}

std::vector<std::uint32_t> numbers_in(const NumberRanges& ranges) {
  std::vector<std::uint32_t> numbers;
  for (const auto& range : ranges) {
    for (std::uint64_t number = range.first; number <= range.last && numbers.size() < most; ++number) {
      numbers.push_back(static_cast<std::uint32_t>(number));
    }
  }
  return numbers;
}

std::uint32_t known_one_by_one(const imap::LastKnown::Match& match) {
  const auto numbers = numbers_in(match.numbers.resolved(0));
  const auto named = numbers_in(match.uids.resolved(0));
  std::uint32_t highest = 0;
  for (std::size_t i = 0; i < std::min(numbers.size(), named.size()); ++i) {
    if (numbers[i] <= uids.size() && uids[numbers[i] - 1] == named[i]) highest = named[i];
  }
  return highest;
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const auto view = make_view();
  static const imap::Settings settings;
  if (size > 1'000) return 0;
  const imap::Dialect dialect{settings};
  text::Cursor in({reinterpret_cast<const char*>(data), size});
  const auto known = imap::parse_last_known(in, dialect);
  if (known.has_error()) return 0;
  check(known->uid_validity.value != 0);
  if (known->match) {
    const auto found = imap::known_up_to(view, *known->match).value;
    const auto expected = known_one_by_one(*known->match);
    // Beyond the numbers that were looked at one by one there may be more that fit.
    check(found == expected || (found > expected && numbers_in(known->match->numbers.resolved(0)).size() == most) ||
          (found > expected && numbers_in(known->match->uids.resolved(0)).size() == most));
  }
  if (!known->uids) return 0;
  const auto asked = known->uids->resolved(0);
  const auto vanished = view.vanished_in(asked);
  for (std::uint32_t uid = 1; uid < 50; ++uid) {
    const bool there = std::ranges::binary_search(uids, uid);
    check(imap::contains(vanished, uid) == (!there && imap::contains(asked, uid)));
  }
  check(vanished.empty() || vanished.back().last < 50);
  for (const auto number : numbers_in(view.changed_since(known->mod_seq, view.numbers_of(asked)))) {
    check(view.at({number}).mod_seq > known->mod_seq && imap::contains(asked, view.at({number}).uid.value));
  }
  return 0;
}
