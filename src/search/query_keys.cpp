#include <algorithm>
#include <numeric>

#include <mailpod/search/terms.hpp>

#include "characters.hpp"

namespace mailpod::search {
namespace {

constexpr std::size_t most_keys = 4;
/// A shorter piece of a word stands in too many terms to say anything.
constexpr std::size_t shortest_piece = 3;

using Fits = TermKey::Fits;

/// Neighbouring characters of one sort.
struct Run {
  Sort sort;
  std::size_t begin;
  std::vector<std::size_t> characters;  ///< where each begins, and behind them the run's end
  std::size_t length() const { return characters.size() - 1; }
};

std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = first_character(text.substr(at));
    if (character.sort != Sort::gap) {
      const bool goes_on = !runs.empty() && runs.back().sort == character.sort && runs.back().characters.back() == at;
      if (!goes_on) runs.push_back({character.sort, at, {at}});
      runs.back().characters.push_back(at + character.octets);
    }
    at += character.octets;
  }
  return runs;
}

/// A key, and how telling it is.
struct Candidate {
  std::size_t weight;
  TermKey key;
};

void add_word(std::string_view text, const Run& run, std::vector<Candidate>& candidates) {
  const bool open_before = run.begin == 0;
  const bool open_behind = run.characters.back() == text.size();
  const bool whole = !open_before && !open_behind && run.length() <= longest_term;
  const std::size_t taken = whole ? run.length() : std::min(run.length(), surely_in_one_term);
  Fits how = Fits::within;
  if (whole) {
    how = Fits::whole;
  } else if (!open_before) {
    how = Fits::begins;
  } else if (taken == run.length() && !open_behind) {
    how = Fits::ends;
  }
  if (taken < shortest_piece && how != Fits::whole) return;
  candidates.push_back({taken, {std::string(text.substr(run.begin, run.characters[taken] - run.begin)), how}});
}

void add_unspaced(std::string_view text, const Run& run, std::vector<Candidate>& candidates) {
  // Two characters of these scripts tell about as much as six letters.
  constexpr std::size_t weight = 6;
  if (run.length() == 1) {
    const bool alone = run.begin > 0 && run.characters.back() < text.size();
    candidates.push_back(
        {alone ? std::size_t{2} : std::size_t{1},
         {std::string(text.substr(run.begin, run.characters[1] - run.begin)), alone ? Fits::whole : Fits::within}});
  }
  for (std::size_t i = 0; i + 2 <= run.length() && i < 2 * most_keys; i += 2) {
    candidates.push_back(
        {weight,
         {std::string(text.substr(run.characters[i], run.characters[i + 2] - run.characters[i])), Fits::whole}});
  }
}

bool is_exact(std::string_view text, const std::vector<Run>& runs) {
  if (runs.size() != 1 || runs.front().begin != 0 || runs.front().characters.back() != text.size()) return false;
  return runs.front().length() <= (runs.front().sort == Sort::word ? surely_in_one_term : 2);
}

}  // namespace

QueryKeys keys_for(std::string_view folded) {
  QueryKeys answer;
  const auto runs = runs_of(folded);
  std::vector<Candidate> candidates;
  for (const auto& run : runs) {
    if (run.sort == Sort::word) add_word(folded, run, candidates);
    if (run.sort == Sort::unspaced) add_unspaced(folded, run, candidates);
  }
  // What weighs the same stays in its order.
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t at) { return std::pair(longest_term - candidates[at].weight, at); });
  for (const auto at : order) {
    auto& candidate = candidates[at];
    if (answer.keys.size() == most_keys) break;
    if (std::ranges::find(answer.keys, candidate.key) == answer.keys.end())
      answer.keys.push_back(std::move(candidate.key));
  }
  answer.exact = !answer.keys.empty() && is_exact(folded, runs);
  return answer;
}

bool fits(const TermKey& key, std::string_view term) {
  switch (key.fits) {
    case Fits::within:
      return term.find(key.octets) != std::string_view::npos;
    case Fits::begins:
      return term.starts_with(key.octets);
    case Fits::ends:
      return term.ends_with(key.octets);
    case Fits::whole:
      return term == key.octets;
  }
  return false;
}

}  // namespace mailpod::search
