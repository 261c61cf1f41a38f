#include "reply.hpp"

#include <utility>

namespace mailpod::smtp {

namespace {

// RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets, code and CRLF included.
constexpr std::size_t longest_line = 512;

std::string printable_line(std::string line) {
  for (char& octet : line) {
    if (octet < 0x20 || octet > 0x7e) octet = '?';
  }
  if (line.size() > longest_line - 2) line.resize(longest_line - 2);
  return line;
}

}  // namespace

Reply::Reply(int code, std::string_view enhanced, std::string text, Next next)
    : code_(code), enhanced_(enhanced), next_(next) {
  lines_.push_back(std::move(text));
}

Reply Reply::silent_close() {
  Reply reply;
  reply.next_ = Next::close;
  return reply;
}

Reply& Reply::add(std::string text) {
  lines_.push_back(std::move(text));
  return *this;
}

std::string Reply::str() const {
  std::string out;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    std::string line = std::to_string(code_);
    line += i + 1 == lines_.size() ? ' ' : '-';
    if (!enhanced_.empty()) line.append(enhanced_).append(" ");
    line += lines_[i];
    out += printable_line(std::move(line));
    out += "\r\n";
  }
  return out;
}

}  // namespace mailpod::smtp
