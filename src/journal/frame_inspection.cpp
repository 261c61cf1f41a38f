#include <algorithm>
#include <optional>
#include <system_error>

#include <mailpod/journal/frames.hpp>

#include "frame.hpp"
#include "segment.hpp"

namespace mailpod::journal {
namespace {

constexpr std::string_view segment_magic = "MSEG";
constexpr std::uint64_t window = 4 << 20;

/// `0000002a-4096.tail`, `0000002a.new`, `0000002a.seg`.
bool is_ours(std::string_view name) {
  const bool ends = name.ends_with(".seg") || name.ends_with(".new") || name.ends_with(".tail");
  return ends && name.size() > 8 && base::unhex(name.substr(0, 8)).has_value();
}

/// Follows frames by their lengths alone.
class Follower {
public:
  explicit Follower(base::File& file) : file_(file), size_(file.size()) {}
  std::uint64_t size() const { return size_; }

  /// Where the frame at `offset` ends; nothing if none begins there, or it is cut off.
  std::optional<std::uint64_t> end_of_frame(std::uint64_t offset) {
    const auto head = parse_frame_head(view(offset, 16));
    if (!head) return std::nullopt;
    // The last zeros may not have been written.
    if (offset + head->sealed_size() > size_) return std::nullopt;
    return aligned(offset + head->sealed_size());
  }
  /// The next frame behind a hole.
  std::optional<std::uint64_t> search(std::uint64_t offset) {
    for (offset = aligned(offset); offset + alignment <= size_; offset += alignment) {
      if (end_of_frame(offset)) return offset;
    }
    return std::nullopt;
  }

private:
  std::string_view view(std::uint64_t offset, std::size_t length) {
    if (offset < begin_ || offset + length > begin_ + octets_.size()) {
      octets_.resize(static_cast<std::size_t>(std::min(window, size_ - std::min(size_, offset))));
      octets_.resize(file_.read_at(offset, octets_));
      begin_ = offset;
    }
    if (offset - begin_ >= octets_.size()) return {};
    return std::string_view(octets_).substr(static_cast<std::size_t>(offset - begin_), length);
  }
  base::File& file_;
  std::uint64_t size_;
  std::string octets_;
  std::uint64_t begin_ = 0;
};

enum class Place { inner, newest };

void inspect_segment(base::File& file, const std::string& name, Place place, FrameReport& report) {
  std::string head(header_size, '\0');
  head.resize(file.read_at(0, head));
  if (head.size() < header_size || !head.starts_with(segment_magic)) {
    report.breaches.push_back({name, 0, "its header is broken"});
  }
  Follower follower(file);
  std::uint64_t offset = header_size;
  while (offset < follower.size()) {
    if (const auto end = follower.end_of_frame(offset)) {
      offset = *end;
      continue;
    }
    const auto next = follower.search(offset + 1);
    // What stands behind the last frame of the newest segment may be under way, or be set aside by the next opening.
    if (!next && place == Place::newest) return;
    report.breaches.push_back({name, offset, "no record where one belongs"});
    if (!next) return;
    offset = *next;
  }
}

}  // namespace

FrameReport inspect_frames(base::Disk& disk, const std::string& folder) {
  FrameReport report;
  if (!disk.status(folder)) return report;
  for (const auto& entry : disk.list(folder)) {
    if (!is_ours(entry.name) || entry.kind != base::Disk::Kind::file) report.foreign.push_back(entry.name);
  }
  std::ranges::sort(report.foreign);
  const auto numbers = list_segments(disk, folder).numbers;
  report.segments = numbers.size();
  for (const auto number : numbers) {
    try {
      const auto file = disk.open(base::join(folder, segment_name(number)), base::Disk::Open::read);
      inspect_segment(*file, segment_name(number), number == numbers.back() ? Place::newest : Place::inner, report);
    } catch (const std::system_error& error) {
      // Written anew meanwhile.
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  }
  return report;
}

}  // namespace mailpod::journal
