#include <mailpod/search/terms.hpp>

#include "characters.hpp"

namespace mailpod::search {
namespace {

/// Octets of the ASCII word at the beginning of `text`, if it surely ends there and is one term; else 0.
std::size_t whole_plain_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end < longest_term && is_plain(text[end])) ++end;
  const bool ends = end < longest_term && end < text.size() && static_cast<unsigned char>(text[end]) < 0x80;
  return ends ? end : 0;
}

}  // namespace

void DocumentTerms::begin(Field field) {
  end();
  field_ = field;
}

void DocumentTerms::add(std::string_view folded) {
  while (!folded.empty() && !too_many()) {
    // Most words: no character of them need be looked at twice.
    if (word_.empty() && neighbour_.empty()) {
      if (const auto octets = whole_plain_word(folded); octets > 0) {
        keep(folded.substr(0, octets));
        folded.remove_prefix(octets + 1);
        continue;
      }
    }
    const auto character = first_character(folded);
    const auto octets = folded.substr(0, character.octets);
    folded.remove_prefix(character.octets);
    if (character.sort != Sort::word) end_word();
    if (character.sort != Sort::unspaced) end_unspaced();
    if (character.sort == Sort::word) take_word(octets);
    if (character.sort == Sort::unspaced) take_unspaced(octets);
  }
}

void DocumentTerms::end() {
  end_word();
  end_unspaced();
}

void DocumentTerms::take_word(std::string_view character) {
  starts_.push_back(static_cast<std::uint32_t>(word_.size()));
  word_ += character;
  if (starts_.size() < longest_term) return;
  // A whole piece: the next one begins in its middle.
  keep(word_);
  word_.erase(0, starts_[surely_in_one_term]);
  const auto gone = starts_[surely_in_one_term];
  starts_.erase(starts_.begin(), starts_.begin() + surely_in_one_term);
  for (auto& start : starts_) start -= gone;
  kept_until_ = starts_.size();
}

void DocumentTerms::end_word() {
  if (starts_.size() > kept_until_) keep(word_);
  word_.clear();
  starts_.clear();
  kept_until_ = 0;
}

void DocumentTerms::take_unspaced(std::string_view character) {
  if (!neighbour_.empty()) {
    neighbour_ += character;
    keep(neighbour_);
    neighbour_has_term_ = true;
  }
  neighbour_ = character;
}

void DocumentTerms::end_unspaced() {
  if (!neighbour_.empty() && !neighbour_has_term_) keep(neighbour_);
  neighbour_.clear();
  neighbour_has_term_ = false;
}

void DocumentTerms::keep(std::string_view term) {
  auto& terms = terms_[static_cast<std::size_t>(field_)];
  if (terms.contains(term)) return;
  terms.emplace(term);
  ++count_;
}

std::string DocumentTerms::joined(Field field) const {
  std::string all;
  for (const auto& term : of(field)) {
    // Who searches values searches the header as well.
    if (field == Field::values && of(Field::header).contains(term)) continue;
    all += term;
    all += ' ';
  }
  return all;
}

}  // namespace mailpod::search
