#include <map>

#include "generations.hpp"

// What an index tells of words that may be misspelled.
namespace mailpod::search {

/// The terms most like a word, at most so many, by how like they are.
std::map<unsigned, std::vector<std::string>> TermList::alike(const LikedWord& word, std::size_t most) const {
  std::map<unsigned, std::vector<std::string>> terms;
  std::size_t count = 0;
  const auto take = [&](std::string_view term) {
    const auto likeness = word.likeness(term);
    if (likeness == 0) return;
    if (count == most) {
      auto least = terms.begin();
      if (least->first >= likeness) return;
      least->second.pop_back();
      if (least->second.empty()) terms.erase(least);
      --count;
    }
    terms[likeness].emplace_back(term);
    ++count;
  };
  const std::string_view list = listed_;
  for (std::size_t begin = 1; begin < list.size();) {
    const auto end = list.find('\n', begin);
    take(list.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const auto& term : recent_) take(term);
  return terms;
}

std::vector<std::uint8_t> Generation::likenesses(const LikeQuery& query, Where where, std::size_t most) {
  if (!list_) list_terms();
  std::vector<std::vector<std::uint8_t>> best(size(), std::vector<std::uint8_t>(query.words().size(), 0));
  for (std::size_t word = 0; word < query.words().size(); ++word) {
    for (const auto& [likeness, terms] : list_->alike(query.words()[word], most)) {
      const auto rows = rows_of(terms, where);
      for (std::size_t row = 0; row < rows.size(); ++row) {
        // Ascending likeness: what comes later is more.
        if (rows[row] != 0) best[row][word] = static_cast<std::uint8_t>(likeness);
      }
    }
  }
  std::vector<std::uint8_t> joined;
  joined.reserve(size());
  for (const auto& row : best) joined.push_back(static_cast<std::uint8_t>(LikeQuery::joined(row)));
  return joined;
}

std::shared_ptr<const Likenesses> Index::look_up_alike(const LikeQuery& query, Where where,
                                                       const std::function<bool()>& is_over) {
  if (query.words().empty()) return nullptr;
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  std::vector<std::vector<std::uint8_t>> known;
  for (std::size_t i = 0; i < it.all.size();) {
    if (is_over()) return nullptr;
    try {
      known.push_back(it.all[i]->likenesses(query, where, it.settings.terms));
      ++i;
    } catch (const std::runtime_error& error) {
      it.tell_of_damage(error.what());
      it.drop(i);
      it.lost = true;
    }
  }
  it.sort_places();
  std::vector<std::uint8_t> likenesses;
  likenesses.reserve(it.rows.size());
  for (const auto& [generation, row] : it.rows) {
    const bool described = it.all[generation]->is_described(row);
    likenesses.push_back(described ? known[generation][row] : Likenesses::unknown);
  }
  return std::make_shared<Likenesses>(it.places, std::move(likenesses));
}

}  // namespace mailpod::search
