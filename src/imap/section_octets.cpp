#include "section_octets.hpp"

#include <algorithm>

namespace mailpod::imap {

std::string read_range(const base::OctetSource& source, message::Range range) {
  std::string octets(static_cast<std::size_t>(range.size()), '\0');
  if (!octets.empty()) octets.resize(source.read_at(range.begin, octets));
  return octets;
}

std::string read_wanted_fields(const base::OctetSource& source, message::Range header, const Section& section) {
  constexpr std::uint64_t most = 1024 * 1024;
  header.end = std::min(header.end, header.begin + most);
  return wanted_fields(read_range(source, header), section);
}

message::Range narrowed(message::Range range, std::uint64_t first, std::optional<std::uint64_t> count) {
  const auto begin = std::min(range.end, range.begin + first);
  return {begin, count ? std::min(range.end, begin + *count) : range.end};
}

}  // namespace mailpod::imap
