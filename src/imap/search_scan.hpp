#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "resolved_search.hpp"
#include "search_candidate.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// Looks at the messages of a view one after the other, as deep as the program demands and no deeper: what the vault's
/// search index can tell of a message is not read from it. Finds the same with an index and without. Pool; the view
/// must not change meanwhile.
class SearchScan {
public:
  /// View, vault and clock are borrowed.
  SearchScan(std::shared_ptr<const ResolvedSearch> search, const View& view, store::Vault& vault, base::Clock& clock);
  SearchScan(SearchProgram program, const View& view, store::Vault& vault, base::Clock& clock);

  /// Before the first next(): passes over all other messages. Ascending.
  void look_only_at(std::vector<store::SeqNum> messages) { only_ = std::move(messages); }

  /// Goes on for about `time`; true if more messages are left.
  bool next(std::chrono::microseconds time);
  /// From any thread: next() returns soon, and nothing is found any more.
  void stop() { stop_ = true; }

  /// How many messages it has looked at.
  std::uint32_t done() const { return next_ - 1; }
  /// Sequence numbers, ascending.
  const std::vector<store::SeqNum>& found() const { return found_; }
  /// How relevant each of those is, 1…100; empty where nothing is asked fuzzily. RFC 6203 §4.
  const std::vector<std::uint8_t>& scores() const { return scores_; }
  /// Messages whose octets could not be read; they count as not found.
  std::uint32_t unreadable() const { return unreadable_; }

private:
  using Candidate = SearchCandidate;
  using Verdict = search::Hits::Verdict;
  std::uint32_t count() const { return only_ ? static_cast<std::uint32_t>(only_->size()) : view_.count(); }
  /// What can be told without reading: from the mailbox's state and from the index.
  Verdict judge(const SearchKey& key, const Candidate& candidate);
  Verdict judge_joined(const SearchKey& key, const Candidate& candidate);
  Verdict ask_index(const std::string& text, search::Where where, const Candidate& candidate);
  bool matches(const SearchKey& key, Candidate& candidate);
  Verdict judge_fuzzy(const SearchKey& key, const Candidate& candidate);
  unsigned likeness(const SearchKey& key, Candidate& candidate);
  std::optional<unsigned> score(const SearchKey& key, Candidate& candidate);
  bool matches_state(const SearchKey& key, const Candidate& candidate) const;

  std::shared_ptr<const ResolvedSearch> search_;
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  const std::uint64_t now_;  // what OLDER and YOUNGER count from: the same for all messages
  std::atomic<bool> stop_{false};
  std::map<std::pair<search::Where, std::string>, std::shared_ptr<const search::Hits>>
      asked_;  // nullptr: index knows nothing
  /// A fuzzy text, and what the index tells of it.
  struct Liked {
    search::LikeQuery query;
    std::shared_ptr<const search::Likenesses> known;  // nullptr: nothing
  };
  const Liked& liked(const std::string& text, search::Where where);
  std::map<std::pair<search::Where, std::string>, Liked> liked_;
  std::optional<std::vector<store::SeqNum>> only_;
  std::uint32_t next_ = 1;
  std::vector<store::SeqNum> found_;
  std::vector<std::uint8_t> scores_;
  std::uint32_t unreadable_ = 0;
};

}  // namespace mailpod::imap
