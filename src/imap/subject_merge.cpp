#include "subject_merge.hpp"

#include <algorithm>

namespace mailpod::imap {

/// B: the subject table.
void SubjectMerge::enter(std::size_t root) {
  const auto current = forest_.roots()[root];
  const auto& subject = forest_.shown(current).subject;
  if (!subject) return;
  const auto [entry, is_new] = table_.try_emplace(*subject, current);
  if (is_new || forest_.is_absent(entry->second)) return;
  if (forest_.is_absent(current) || (is_reply(entry->second) && !is_reply(current))) entry->second = current;
}

/// C.
void SubjectMerge::merge(std::size_t root) {
  if (roots_.empty()) roots_ = forest_.roots();
  const auto current = roots_[root];
  const auto& subject = forest_.shown(current).subject;
  if (!subject || is_merged(current)) return;
  auto& kept = table_.find(*subject)->second;
  if (kept == current) return;
  set_merged(current);
  if (forest_.is_absent(kept) && forest_.is_absent(current)) {
    auto& moved = forest_.children(current);
    auto& into = forest_.children(kept);
    into.insert(into.end(), moved.begin(), moved.end());
  } else if (forest_.is_absent(kept) || (is_reply(current) && !is_reply(kept))) {
    forest_.children(kept).push_back(current);
  } else {
    const auto above = forest_.add_absent();
    forest_.children(above) = {kept, current};
    set_merged(kept);
    forest_.roots().push_back(above);
    kept = above;
  }
}

void SubjectMerge::forget_merged() {
  std::erase_if(forest_.roots(), [this](Place root) { return is_merged(root); });
}

void SubjectMerge::set_merged(Place at) {
  if (merged_.size() <= at) merged_.resize(at + 1);
  merged_[at] = true;
}

}  // namespace mailpod::imap
