#include "text_search.hpp"

#include <algorithm>
#include <cstring>

namespace mailpod::imap {

bool stands_in(std::string_view needle, std::string_view folded) {
  // memmem is linear in the worst case too, which std::string_view::find is not.
  return needle.empty() || ::memmem(folded.data(), folded.size(), needle.data(), needle.size()) != nullptr;
}

TextSearch::TextSearch(const std::vector<std::string>& texts)
    : texts_(texts), in_header_(texts.size()), in_body_(texts.size()) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    longest_ = std::max(longest_, texts[i].size());
    if (texts[i].empty()) in_body_[i] = true;
  }
}

void TextSearch::scan(const base::OctetSource& message, const message::Structure& structure, message::Searched searched,
                      const std::atomic<bool>& stop) {
  stop_ = &stop;
  message::read_searched_text(message, structure, searched, *this);
}

void TextSearch::begin(Place place) {
  found_ = place == Place::header ? &in_header_ : &in_body_;
  window_.clear();
}

/// The window keeps the end of what was seen, in which a text may have begun.
void TextSearch::more(std::string_view folded) {
  window_ += folded;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!(*found_)[i] && stands_in(texts_[i], window_)) (*found_)[i] = true;
  }
  if (window_.size() >= longest_) window_.erase(0, window_.size() - (longest_ == 0 ? 0 : longest_ - 1));
}

}  // namespace mailpod::imap
