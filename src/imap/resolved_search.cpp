#include "resolved_search.hpp"

#include <utility>

namespace mailpod::imap {

ResolvedSearch::ResolvedSearch(SearchProgram program, const View& view) : program_(std::move(program)) {
  resolve(program_.root, view);
}

void ResolvedSearch::resolve(SearchKey& key, const View& view) {
  using Kind = SearchKey::Kind;
  if (key.kind == Kind::uid || key.kind == Kind::sequence) {
    const bool saved = key.set.saved_result;
    if (saved) key.kind = Kind::uid;
    key.index = saved ? saved_set_.value_or(sets_.size()) : sets_.size();
    if (saved) saved_set_ = key.index;
    if (key.index == sets_.size()) {
      sets_.push_back(key.kind == Kind::uid ? view.uids_in(key.set) : key.set.resolved(view.count()));
    }
    key.set = {};
  }
  for (auto& inner : key.keys) resolve(inner, view);
}

}  // namespace mailpod::imap
