#include "final_copies.hpp"

#include <algorithm>

#include <mailpod/message/scanner.hpp>
#include <mailpod/smtp/mailroom.hpp>

namespace mailpod::delivery {

namespace {

std::uint64_t plus(std::uint64_t value, std::int64_t delta) {
  return value + static_cast<std::uint64_t>(delta);
}

void move(message::Range& range, std::int64_t delta) {
  range.begin = plus(range.begin, delta);
  range.end = plus(range.end, delta);
}

// Depth is bounded by the Scanner's limit.
void move_all(message::Part& part, std::int64_t delta) {
  move(part.header, delta);
  move(part.body, delta);
  for (message::Part& child : part.children) move_all(child, delta);
}

}  // namespace

message::Structure moved(message::Structure structure, std::int64_t delta) {
  structure.size = plus(structure.size, delta);
  move_all(structure.root, delta);
  structure.root.header.begin = 0;
  return structure;
}

Result<FinalCopies> FinalCopies::make(const base::OctetSource& message, const message::HeaderEdit& edit,
                                      TraceFields trace, std::size_t header_limit) {
  std::string begin(static_cast<std::size_t>(std::min<std::uint64_t>(message.size(), header_limit)), '\0');
  begin.resize(message.read_at(0, begin));
  std::size_t length = message::header_length(begin);
  if (length == std::string::npos) {
    if (message.size() > begin.size()) return smtp::Errc::too_big;
    length = begin.size();
  }
  auto header = edit.apply(std::string_view(begin).substr(0, length), header_limit);
  if (!header) return smtp::Errc::too_big;
  return FinalCopies(Tail(message, length), std::move(trace), std::move(*header));
}

FinalCopies::Copy FinalCopies::copy_for(std::string_view delivered_to) {
  Copy copy;
  copy.prefix.append(trace_.return_path).append(delivered_to).append(trace_.received).append(header_);
  if (scanned_prefix_ == 0) {
    scanned_ = message::scan(base::PrefixedSource(copy.prefix, body_));
    scanned_prefix_ = copy.prefix.size();
  }
  const auto delta = static_cast<std::int64_t>(copy.prefix.size()) - static_cast<std::int64_t>(scanned_prefix_);
  copy.structure = moved(scanned_, delta);
  return copy;
}

}  // namespace mailpod::delivery
