#include "term_list.hpp"

#include <cstring>

namespace mailpod::search {
namespace {

constexpr char mark = '\n';

/// The octets of which each occurrence in the list is a term that fits.
std::string needle_for(const TermKey& key) {
  using Fits = TermKey::Fits;
  std::string needle;
  if (key.fits == Fits::begins || key.fits == Fits::whole) needle += mark;
  needle += key.octets;
  if (key.fits == Fits::ends || key.fits == Fits::whole) needle += mark;
  return needle;
}

}  // namespace

bool TermList::is_listed(std::string_view term) const {
  // Sorted, so a binary search over octets, each time back to the beginning of a term.
  std::size_t low = 1;
  std::size_t high = listed_.size();
  while (low < high) {
    std::size_t middle = low + (high - low) / 2;
    while (middle > low && listed_[middle - 1] != mark) --middle;
    const auto end = listed_.find(mark, middle);
    const auto order = std::string_view(listed_).substr(middle, end - middle).compare(term);
    if (order == 0) return true;
    if (order < 0) {
      low = end + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

void TermList::take(const DocumentTerms& terms) {
  for (std::size_t field = 0; field < field_count; ++field) {
    for (const auto& term : terms.of(static_cast<Field>(field))) {
      if (!recent_.contains(term) && !is_listed(term)) recent_.insert(term);
    }
  }
}

std::optional<std::vector<std::string>> TermList::fitting(const TermKey& key, std::size_t most) const {
  std::vector<std::string> terms;
  const std::string needle = needle_for(key);
  const std::string_view list = listed_;
  for (std::size_t at = 0; at < list.size();) {
    // memmem is linear in the worst case too.
    const auto* const found =
        static_cast<const char*>(::memmem(list.data() + at, list.size() - at, needle.data(), needle.size()));
    if (found == nullptr) break;
    const auto place = static_cast<std::size_t>(found - list.data()) + (needle.front() == mark ? 1 : 0);
    const auto begin = list.rfind(mark, place) + 1;
    const auto end = list.find(mark, place);
    if (terms.size() == most) return std::nullopt;
    terms.emplace_back(list.substr(begin, end - begin));
    at = end;
  }
  for (const auto& term : recent_) {
    if (!fits(key, term)) continue;
    if (terms.size() == most) return std::nullopt;
    terms.push_back(term);
  }
  return terms;
}

}  // namespace mailpod::search
