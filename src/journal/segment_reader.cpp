#include "segment_reader.hpp"

#include <algorithm>

namespace mailpod::journal {
namespace {

constexpr std::size_t window_size = 1024 * 1024;

}  // namespace

SegmentReader::SegmentReader(base::File& file, const Binding& binding, std::uint64_t& budget)
    : file_(file), binding_(binding), budget_(budget), size_(file.size()) {}

std::string_view SegmentReader::view(std::uint64_t offset, std::size_t length) {
  if (offset >= size_) return {};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - offset));
  const bool inside = offset >= window_begin_ && offset + wanted <= window_begin_ + window_.size();
  if (!inside) {
    window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(window_size, size_ - offset)));
    window_.resize(file_.read_at(offset, window_));
    window_begin_ = offset;
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_begin_), wanted);
}

std::optional<Sight> SegmentReader::at(std::uint64_t offset, std::uint64_t after) {
  const auto head = parse_frame_head(view(offset, frame_head));
  if (!head || head->sequence <= after) return std::nullopt;
  const auto octets = view(offset, head->sealed_size());
  if (octets.size() < head->sealed_size()) return std::nullopt;
  auto frame = open_frame(binding_, offset, octets);
  if (!frame) {
    exhausted_ = budget_ < octets.size();
    budget_ -= std::min<std::uint64_t>(budget_, octets.size());
    return std::nullopt;
  }
  Sight sight;
  const std::uint64_t sealed_end = offset + head->sealed_size();
  sight.offset = offset;
  sight.end = aligned(sealed_end);
  const auto padding = static_cast<std::size_t>(sight.end - sealed_end);
  sight.padding_sound = view(sealed_end, padding) == std::string(padding, '\0');
  sight.frame = std::move(*frame);
  return sight;
}

std::optional<Sight> SegmentReader::search(std::uint64_t offset, std::uint64_t after) {
  for (; offset < size_ && !exhausted_; offset += alignment) {
    if (auto sight = at(offset, after)) return sight;
  }
  return std::nullopt;
}

}  // namespace mailpod::journal
