#include "status_fields.hpp"

#include <algorithm>
#include <charconv>

#include <mailpod/text/ascii.hpp>

namespace mailpod::transfer {
namespace {

constexpr std::array<std::string_view, 11> names{
    "Status",           "X-Status",          "X-Keywords",     "X-UID",     "X-IMAP",        "X-IMAPbase",
    "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys", "X-Keyword", "Content-Length"};

struct MozillaBit {
  unsigned bit;
  std::string_view word;
};
/// nsMsgMessageFlags. What was deleted there and not compacted away yet is in the file.
constexpr std::array mozilla_bits{MozillaBit{0x0001, "\\Seen"}, MozillaBit{0x0002, "\\Answered"},
                                  MozillaBit{0x0004, "\\Flagged"}, MozillaBit{0x0008, "\\Deleted"},
                                  MozillaBit{0x1000, "$Forwarded"}};

void add_words(std::string_view value, FlagWords& flags) {
  while (!value.empty()) {
    const auto end = std::min(value.find_first_of(" \t\r\n,"), value.size());
    add_word(flags, value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

}  // namespace

bool is_status_field(std::string_view name) {
  return std::ranges::any_of(names, [name](std::string_view known) { return text::equal_fold(known, name); });
}

void read_status_field(std::string_view name, std::string_view value, FlagWords& flags) {
  if (text::equal_fold(name, "Status")) {
    if (value.find('R') != std::string_view::npos) add_word(flags, "\\Seen");
  } else if (text::equal_fold(name, "X-Status")) {
    for (const auto& row : status_letters) {
      if (value.find(row.letter) != std::string_view::npos) add_word(flags, row.word);
    }
  } else if (text::equal_fold(name, "X-Keywords") || text::equal_fold(name, "X-Mozilla-Keys")) {
    add_words(value, flags);
  } else if (text::equal_fold(name, "X-Mozilla-Status")) {
    const auto digits = text::trim(value);
    unsigned bits = 0;
    const auto* const end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, bits, 16).ptr != end) return;
    for (const auto& row : mozilla_bits) {
      if ((bits & row.bit) != 0) add_word(flags, row.word);
    }
  }
}

}  // namespace mailpod::transfer
