#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::mailauth {

namespace {

constexpr std::size_t block_size = 32 * 1024;  // octets

/// How many octets are simply copied. In relaxed form a space between two words is: most lines are one run.
std::size_t plain_run(std::string_view octets, Canonicalization how) {
  if (how == Canonicalization::simple) return std::min(octets.find('\r'), octets.size());
  constexpr text::OctetSet stops("\r\t ");
  std::size_t length = 0;
  for (; length < octets.size(); ++length) {
    if (!stops.contains(octets[length])) continue;
    const bool between = octets[length] == ' ' && length + 1 < octets.size() && !stops.contains(octets[length + 1]);
    if (!between) break;
  }
  return length;
}

}  // namespace

CanonicalBody::CanonicalBody(Canonicalization how, Sink sink) : how_(how), sink_(std::move(sink)) {
  out_.reserve(2 * block_size);
}

void CanonicalBody::update(std::string_view piece) {
  while (!piece.empty()) {
    if (std::exchange(carriage_return_, false)) {
      if (piece.front() == '\n') {
        end_line();
        piece.remove_prefix(1);
        continue;
      }
      put("\r");
    }
    if (space_ && piece.front() == ' ') {
      piece.remove_prefix(1);
    } else if (const auto run = plain_run(piece, how_); run > 0) {
      put(piece.substr(0, run));
      piece.remove_prefix(run);
    } else {
      (piece.front() == '\r' ? carriage_return_ : space_) = true;
      piece.remove_prefix(1);
    }
  }
}

void CanonicalBody::finish() {
  if (std::exchange(carriage_return_, false)) put("\r");
  // RFC 6376 §3.4.3, §3.4.4: whatever is not empty ends in one CRLF; of what is, only `simple` makes a line.
  if (has_content_ || how_ == Canonicalization::simple) out_ += "\r\n";
  hand_over();
}

/// Octets that count, and with them what waited for them.
void CanonicalBody::put(std::string_view octets) {
  has_content_ = true;
  for (; line_ends_ > 0; --line_ends_) {
    out_ += "\r\n";
    if (out_.size() >= block_size) hand_over();
  }
  if (std::exchange(space_, false)) out_ += ' ';
  out_ += octets;
  if (out_.size() >= block_size) hand_over();
}

void CanonicalBody::end_line() {
  space_ = false;
  ++line_ends_;
}

void CanonicalBody::hand_over() {
  if (!out_.empty()) sink_(out_);
  out_.clear();
}

crypto::Digest hash_body(const base::OctetSource& message, std::uint64_t begin, Canonicalization how) {
  crypto::Sha256 hash;
  CanonicalBody body(how, [&hash](std::string_view octets) { hash.update(octets); });
  std::string block(block_size, '\0');
  for (std::uint64_t at = begin; at < message.size();) {
    const std::size_t count = message.read_at(at, block);
    if (count == 0) throw std::system_error(EIO, std::system_category(), "a message is shorter than it was");
    body.update(std::string_view(block).substr(0, count));
    at += count;
  }
  body.finish();
  return hash.finish();
}

}  // namespace mailpod::mailauth
