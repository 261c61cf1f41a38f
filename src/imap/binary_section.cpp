#include "binary_section.hpp"

#include <algorithm>
#include <limits>
#include <system_error>

namespace mailpod::imap {
namespace {

constexpr std::size_t read_at_once = 64 * 1024;  // octets

/// A multipart has no encoding of its own, whatever its header says: RFC 2045 §6.4.
std::string encoding_of(const message::Structure& structure, const Section& section) {
  const auto* part = message::part_for(structure, section.part);
  if (part == nullptr || section.part.empty() || part->is_multipart()) return "8bit";
  return part->transfer_encoding;
}

}  // namespace

BinarySection::BinarySection(const base::OctetSource& message, const message::Structure& structure,
                             const Section& section)
    : message_(message),
      encoding_(encoding_of(structure, section)),
      range_(message::range_for(structure, section.part, message::SectionText::content).value()),
      last_(std::numeric_limits<std::uint64_t>::max()),
      pass_(begin()) {
  if (!section.partial) return;
  first_ = section.partial->first;
  last_ = first_ + section.partial->count;
}

bool BinarySection::can_decode(const message::Structure& structure, const Section& section) {
  return message::DecodedOctets::knows(encoding_of(structure, section));
}

BinarySection::Pass BinarySection::begin() const {
  return {range_.begin, message::DecodedOctets(encoding_)};
}

/// What the next octets of the section decode to, as far as it is wanted.
std::string BinarySection::read_on(Pass& pass) const {
  std::string decoded;
  if (pass.at < range_.end) {
    std::string octets(static_cast<std::size_t>(std::min<std::uint64_t>(read_at_once, range_.end - pass.at)), '\0');
    octets.resize(message_.read_at(pass.at, octets));
    if (octets.empty()) throw std::system_error(std::make_error_code(std::errc::io_error), "message too short");
    pass.at += octets.size();
    decoded = pass.decoder.feed(octets);
  } else {
    decoded = pass.decoder.finish();
    pass.ended = true;
  }
  const auto begin = pass.decoded;
  pass.decoded += decoded.size();
  if (pass.decoded >= last_) pass.ended = true;
  const auto from = std::clamp(first_, begin, pass.decoded);
  const auto to = std::clamp(last_, from, std::max(from, pass.decoded));
  return decoded.substr(static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
}

bool BinarySection::measure() {
  const auto octets = read_on(pass_);
  size_ += octets.size();
  has_nul_ = has_nul_ || octets.find('\0') != std::string::npos;
  if (!pass_.ended) return false;
  pass_ = begin();
  return true;
}

std::string BinarySection::next() {
  if (pass_.ended) throw std::system_error(std::make_error_code(std::errc::io_error), "message too short");
  return read_on(pass_);
}

}  // namespace mailpod::imap
