#include <array>
#include <string_view>

#include <mailpod/text/ascii.hpp>
#include <mailpod/transfer/mbox.hpp>

#include "status_fields.hpp"

namespace mailpod::transfer {
namespace {

constexpr std::string_view from = "From ";

}  // namespace

std::string write_status_fields(const FlagWords& flags) {
  std::string status = has_word(flags, "\\Seen") ? "Status: RO\n" : "Status: O\n";
  std::string letters;
  for (const auto& row : status_letters) {
    if (has_word(flags, row.word)) letters += row.letter;
  }
  std::string keywords;
  for (const auto& word : flags) {
    if (!word.starts_with('\\')) keywords += " " + word;
  }
  return status + "X-Status:" + (letters.empty() ? "" : " ") + letters + "\nX-Keywords:" + keywords + "\n";
}

void MboxLines::convert(std::string_view piece, std::string& out) {
  lf_.clear();
  line_ends_.convert(piece, lf_);
  take(lf_, out);
}

void MboxLines::give_up_match(std::string& out) {
  out.append(quotes_, '>');
  out.append(from.substr(0, matched_));
  quotes_ = matched_ = 0;
  matching_ = false;
}

void MboxLines::take(std::string_view text, std::string& out) {
  while (!text.empty()) {
    ends_line_ = text.back() == '\n';
    if (!matching_) {
      const auto end = text.find('\n');
      out.append(text.substr(0, end));
      if (end == std::string_view::npos) return;
      out += '\n';
      text.remove_prefix(end + 1);
      matching_ = true;
      continue;
    }
    const char octet = text.front();
    if (octet == '>' && matched_ == 0) {
      ++quotes_;
    } else if (octet == from[matched_]) {
      ++matched_;
      if (matched_ == from.size()) {
        out += '>';
        give_up_match(out);
      }
    } else {
      give_up_match(out);
      continue;
    }
    text.remove_prefix(1);
  }
}

void MboxLines::finish(std::string& out) {
  lf_.clear();
  line_ends_.finish(lf_);
  take(lf_, out);
  if (matching_) give_up_match(out);
  out += ends_line_ ? "\n" : "\n\n";
}

}  // namespace mailpod::transfer
