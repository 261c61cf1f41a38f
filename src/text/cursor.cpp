#include <mailpod/text/cursor.hpp>

#include <stdexcept>
#include <string>

#include <mailpod/text/ascii.hpp>

namespace mailpod::text {

void throw_exception_from_error(const ParseError& error, const boost::source_location&) {
  throw std::logic_error("the value of a failed parse was taken: offset " + std::to_string(error.offset) +
                         ", expected " + std::string(error.expected));
}

bool Cursor::take(char octet) {
  if (!next_is(octet)) return false;
  ++at_;
  return true;
}

bool Cursor::take(std::string_view literal) {
  if (!starts_with_fold(rest(), literal)) return false;
  at_ += literal.size();
  return true;
}

std::optional<char> Cursor::take_one(const OctetSet& set) {
  if (!next_is(set)) return std::nullopt;
  return octets_[at_++];
}

std::string_view Cursor::take_while(const OctetSet& set, std::size_t limit) {
  const std::size_t first = at_;
  while (!at_end() && at_ - first < limit && set.contains(octets_[at_])) ++at_;
  return octets_.substr(first, at_ - first);
}

std::string_view Cursor::take_until(const OctetSet& set) {
  const std::size_t first = at_;
  while (!at_end() && !set.contains(octets_[at_])) ++at_;
  return octets_.substr(first, at_ - first);
}

std::optional<std::string_view> Cursor::take_octets(std::size_t count) {
  if (octets_.size() - at_ < count) return std::nullopt;
  const auto taken = octets_.substr(at_, count);
  at_ += count;
  return taken;
}

bool Cursor::take_word(std::string_view literal, const OctetSet& word) {
  Cursor ahead = *this;
  if (!ahead.take(literal) || ahead.next_is(word)) return false;
  *this = ahead;
  return true;
}

bool Cursor::take_crlf() {
  if (!rest().starts_with("\r\n")) return false;
  at_ += 2;
  return true;
}

Parsed<std::uint64_t> Cursor::number(std::uint64_t max) {
  const std::size_t first = at_;
  std::uint64_t value = 0;
  while (next_is(octets::digit)) {
    const auto digit = static_cast<std::uint64_t>(octets_[at_] - '0');
    if (digit > max || value > (max - digit) / 10) {
      at_ = first;
      return error("a smaller number");
    }
    value = value * 10 + digit;
    ++at_;
  }
  if (at_ == first) return error("a number");
  return value;
}

}  // namespace mailpod::text
