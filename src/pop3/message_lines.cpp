#include "message_lines.hpp"

namespace mailpod::pop3 {

void MessageLines::add(std::string_view piece, std::string& out) {
  while (!piece.empty() && !complete_) {
    const auto end = piece.find('\n');
    const auto part = piece.substr(0, end == std::string_view::npos ? end : end + 1);
    if (at_line_start_ && part.front() == '.') out += '.';
    out += part;
    for (const char octet : part.substr(part.size() < 2 ? 0 : part.size() - 2)) {
      before_last_ = last_;
      last_ = octet;
    }
    count_lines(part);
    piece.remove_prefix(part.size());
  }
}

/// Counts the lines that TOP counts; `part` is some of a line, perhaps with its end.
void MessageLines::count_lines(std::string_view part) {
  const auto text = part.substr(0, part.find_last_not_of("\r\n") + 1);
  if (!text.empty()) line_is_empty_ = false;
  at_line_start_ = part.back() == '\n';
  if (!at_line_start_ || !body_lines_) return;
  if (!in_header_) {
    complete_ = --*body_lines_ == 0;
  } else if (line_is_empty_) {
    in_header_ = false;
    complete_ = *body_lines_ == 0;
  }
  line_is_empty_ = true;
}

void MessageLines::finish(std::string& out) const {
  if (last_ != '\n' || before_last_ != '\r') out += "\r\n";
  out += ".\r\n";
}

}  // namespace mailpod::pop3
