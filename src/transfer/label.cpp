#include <mailpod/transfer/label.hpp>

#include <algorithm>

#include <mailpod/text/ascii.hpp>

namespace mailpod::transfer {

void add_word(FlagWords& words, std::string_view word) {
  const auto same = [word](const std::string& known) { return text::equal_fold(known, word); };
  if (!word.empty() && std::ranges::none_of(words, same)) words.emplace_back(word);
}

bool has_word(const FlagWords& words, std::string_view word) {
  return std::ranges::any_of(words, [word](const std::string& known) { return text::equal_fold(known, word); });
}

}  // namespace mailpod::transfer
