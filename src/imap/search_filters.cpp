#include "search_filters.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <mailpod/text/ascii.hpp>

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;
using Why = UnusableFilter::Why;

std::size_t fuzzy_texts(const SearchKey& key) {
  std::size_t count = key.fuzzy ? 1 : 0;
  for (const auto& inner : key.keys) count += fuzzy_texts(inner);
  return count;
}

void shift_texts(SearchKey& key, std::size_t by) {
  key.index += by;
  for (auto& inner : key.keys) shift_texts(inner, by);
}

class Resolution {
public:
  Resolution(SearchProgram& program, const store::Annotations* annotations, const SearchLimits& limits)
      : program_(program), annotations_(annotations), limits_(limits), fuzzy_(fuzzy_texts(program.root)) {}

  /// `depth` of filters within filters: one that names itself ends there.
  std::optional<UnusableFilter> resolve(SearchKey& key, std::size_t depth) {
    if (key.kind == Kind::filter) return replace(key, depth + 1);
    for (auto& inner : key.keys) {
      if (auto unusable = resolve(inner, depth)) return unusable;
    }
    return std::nullopt;
  }

private:
  std::optional<UnusableFilter> replace(SearchKey& key, std::size_t depth) {
    const auto* value = value_of(key.text);
    if (value == nullptr) return UnusableFilter{Why::undefined, key.text};
    if (depth > limits_.depth || ++count_ > limits_.filters) return UnusableFilter{Why::too_many, key.text};
    auto limits = limits_;
    limits.texts -= program_.texts.size();
    limits.fuzzy -= fuzzy_;
    text::Cursor in(*value);
    auto filter = parse_search(in, limits);
    if (filter.has_error() || !in.at_end() || !filter->known_charset) return UnusableFilter{Why::malformed, key.text};
    take(std::move(*filter), key);
    return resolve(key, depth);
  }

  const std::string* value_of(std::string_view name) const {
    if (annotations_ == nullptr) return nullptr;
    for (const auto* scope : {"/private", "/shared"}) {
      const auto found = annotations_->find(scope + std::string("/filters/values/") + text::lower(name));
      if (found != annotations_->end()) return &found->second;
    }
    return nullptr;
  }

  void take(SearchProgram filter, SearchKey& place) {
    shift_texts(filter.root, program_.texts.size());
    fuzzy_ += fuzzy_texts(filter.root);
    std::ranges::move(filter.texts, std::back_inserter(program_.texts));
    program_.asks_fuzzily |= filter.asks_fuzzily;
    program_.uses_numbers |= filter.uses_numbers;
    program_.asks_mod_seq |= filter.asks_mod_seq;
    place = std::move(filter.root);
  }

  SearchProgram& program_;
  const store::Annotations* annotations_;
  const SearchLimits& limits_;
  std::size_t fuzzy_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<UnusableFilter> resolve_filters(SearchProgram& program, const store::Annotations* annotations,
                                              const SearchLimits& limits) {
  return Resolution(program, annotations, limits).resolve(program.root, 0);
}

}  // namespace mailpod::imap
