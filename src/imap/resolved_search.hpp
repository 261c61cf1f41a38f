#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "search_program.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// A search program and what the sets in it mean in one view. A value that any number of scans may share.
class ResolvedSearch {
public:
  ResolvedSearch(SearchProgram program, const View& view);

  const SearchProgram& program() const { return program_; }
  /// Of a key of UIDs or of sequence numbers.
  const NumberRanges& set_of(const SearchKey& key) const { return sets_[key.index]; }

private:
  void resolve(SearchKey& key, const View& view);

  SearchProgram program_;
  std::vector<NumberRanges> sets_;        // what SearchKey::index of such keys means
  std::optional<std::size_t> saved_set_;  // what `$` means stands there once, however often it is asked: it may be long
};

}  // namespace mailpod::imap
