#include <mailpod/search/index.hpp>

#include <algorithm>
#include <utility>

#include "generations.hpp"

namespace mailpod::search {

Hits::Verdict Hits::of(std::uint64_t place) const {
  const auto found = std::ranges::lower_bound(*places_, place);
  if (found == places_->end() || *found != place) return Verdict::maybe;
  return verdicts_[static_cast<std::size_t>(found - places_->begin())];
}

Index::Index(const Ports& ports, Identity identity, crypto::VaultKey key, const Settings& settings)
    : generations_(std::make_unique<Generations>(ports, std::move(identity), std::move(key), settings)) {}

Index::~Index() = default;

void Index::load(const std::function<bool(const Document&)>& still_there) {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  it.load(still_there);
}

std::shared_ptr<const std::vector<std::uint64_t>> Index::places() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  it.sort_places();
  return it.places;
}

bool Index::relocate(const base::ByteArray<16>& name, std::uint64_t place) {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  const auto found = it.void_names.find(std::string(base::octets(name)));
  if (found == it.void_names.end()) return false;
  it.all[found->second.generation]->set_place(found->second.row, place);
  it.void_names.erase(found);
  it.forget_places();
  return true;
}

void Index::void_places() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  for (std::uint32_t i = 0; i < it.all.size(); ++i) {
    it.all[i]->void_places();
    it.await_places(*it.all[i], i);
  }
  it.forget_places();
}

void Index::add(const Document& document, const DocumentTerms& terms) {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  auto& filling = it.filling_or_new();
  filling.add(document, terms);
  it.forget_places();
  if (++it.uncommitted < it.settings.uncommitted) return;
  filling.commit();
  it.uncommitted = 0;
}

bool Index::finish_more() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  auto* const filling = it.filling();
  if (filling == nullptr || filling->size() < it.settings.generation) return false;
  it.uncommitted = 0;
  if (filling->finish_more()) return true;
  filling->settle();
  return false;
}

void Index::settle() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  it.uncommitted = 0;
  for (const auto& generation : it.all) generation->settle();
}

void Index::abandon() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  for (std::size_t i = it.all.size(); i > 0; --i) {
    if (!it.all[i - 1]->is_settled()) it.drop(i - 1);
  }
}

bool Index::sweep(const std::vector<std::uint64_t>& wanted) {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  it.void_names.clear();
  bool any = false;
  for (std::size_t i = it.all.size(); i > 0; --i) {
    const auto& generation = *it.all[i - 1];
    std::size_t alive = 0;
    for (std::size_t row = 0; row < generation.size(); ++row) {
      if (std::ranges::binary_search(wanted, generation.place(row))) ++alive;
    }
    if (2 * alive >= generation.size()) continue;
    it.drop(i - 1);
    any = true;
  }
  return any;
}

std::shared_ptr<const Hits> Index::look_up(std::string_view folded, Where where, const std::function<bool()>& is_over) {
  const auto query = keys_for(folded);
  if (query.keys.empty()) return nullptr;
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  std::vector<std::optional<Generation::Fitting>> fittings;
  for (std::size_t i = 0; i < it.all.size();) {
    if (is_over()) return nullptr;
    try {
      fittings.push_back(it.all[i]->rows_with(query.keys, where, it.settings.terms));
      ++i;
    } catch (const std::runtime_error& error) {
      it.tell_of_damage(error.what());
      it.drop(i);
      it.lost = true;
    }
  }
  it.sort_places();
  // What is compared in another form than it was indexed in is never known for sure to be there.
  const bool exact = query.exact && where != Where::values;
  std::vector<Hits::Verdict> verdicts;
  verdicts.reserve(it.rows.size());
  for (const auto& [generation, row] : it.rows) {
    const auto& fitting = fittings[generation];
    auto verdict = Hits::Verdict::maybe;
    if (fitting && it.all[generation]->is_described(row)) {
      const bool sure = exact && fitting->all_keys;
      verdict = fitting->rows[row] == 0 ? Hits::Verdict::no : sure ? Hits::Verdict::yes : Hits::Verdict::maybe;
    }
    verdicts.push_back(verdict);
  }
  return std::make_shared<Hits>(it.places, std::move(verdicts));
}

bool Index::has_lost_any() {
  const std::scoped_lock lock(generations_->mutex);
  return std::exchange(generations_->lost, false);
}

Stats Index::stats() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  Stats stats{0, 0, it.all.size()};
  for (const auto& generation : it.all) {
    stats.documents += generation->size();
    stats.octets += generation->octets();
  }
  return stats;
}

std::size_t Index::listed_octets() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  std::size_t octets = 0;
  for (const auto& generation : it.all) octets += generation->listed_octets();
  return octets;
}

void Index::drop() {
  auto& it = *generations_;
  const std::scoped_lock lock(it.mutex);
  for (std::size_t i = it.all.size(); i > 0; --i) it.drop(i - 1);
}

}  // namespace mailpod::search
