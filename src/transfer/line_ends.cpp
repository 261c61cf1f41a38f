#include <mailpod/transfer/line_ends.hpp>

namespace mailpod::transfer {

void LinesToLf::convert(std::string_view piece, std::string& out) {
  for (std::size_t at = 0; at < piece.size();) {
    if (held_) {
      const char octet = piece[at];
      if (octet == '\n') {
        out += '\n';
        reversible_ = reversible_ && !doubled_;
        held_ = false;
        ++at;
        continue;
      }
      out += '\r';
      held_ = doubled_ = octet == '\r';
      if (held_) {
        ++at;
        continue;
      }
    }
    const auto next = piece.find_first_of("\r\n", at);
    out.append(piece.substr(at, next - at));
    if (next == std::string_view::npos) return;
    if (piece[next] == '\r') {
      held_ = true;
      doubled_ = false;
    } else {
      out += '\n';
      reversible_ = false;
    }
    at = next + 1;
  }
}

void LinesToLf::finish(std::string& out) {
  if (held_) out += '\r';
  held_ = false;
}

void LinesToCrlf::convert(std::string_view piece, std::string& out) {
  for (std::size_t at = 0; at < piece.size();) {
    const auto next = piece.find('\n', at);
    const auto text = piece.substr(at, next - at);
    out.append(text);
    if (!text.empty()) after_cr_ = text.back() == '\r';
    if (next == std::string_view::npos) return;
    out += after_cr_ ? "\n" : "\r\n";
    after_cr_ = false;
    at = next + 1;
  }
}

}  // namespace mailpod::transfer
