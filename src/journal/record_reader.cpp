#include "record_reader.hpp"

#include <system_error>

#include "segment.hpp"

namespace mailpod::journal {
namespace {

/// Most records are of this size or smaller: one read finds head and all.
constexpr std::size_t first_read = 2048;

}  // namespace

std::shared_ptr<RecordReader::OpenSegment> RecordReader::segment(std::uint32_t number) {
  const std::scoped_lock lock(mutex_);
  auto& known = segments_[number];
  if (!known) {
    const auto path = base::join(identity_.folder, segment_name(number));
    if (!disk_.status(path)) return nullptr;
    auto opened = std::make_shared<OpenSegment>();
    try {
      opened->file = disk_.open(path, base::Disk::Open::read);
    } catch (const std::system_error& error) {
      // The journal is just being rewritten.
      if (error.code() == std::errc::no_such_file_or_directory) return nullptr;
      throw;
    }
    known = std::move(opened);
  }
  return known;
}

Result<Journal::Content> RecordReader::read(Position position) {
  const auto number = static_cast<std::uint32_t>(position.value >> 32);
  const std::uint64_t offset = (position.value & 0xffffffffU) * alignment;
  const auto open = segment(number);
  if (!open) return make_error_code(Errc::damaged);

  std::string octets(first_read, '\0');
  {
    const std::scoped_lock lock(open->mutex);
    octets.resize(open->file->read_at(offset, octets));
    const auto head = parse_frame_head(octets);
    if (!head) return make_error_code(Errc::damaged);
    const std::size_t have = octets.size();
    octets.resize(head->sealed_size());
    if (have < octets.size()) {
      const std::size_t more = open->file->read_at(offset + have, std::span(octets).subspan(have));
      octets.resize(have + more);
    }
  }
  const auto frame = open_frame({key_, identity_.owner, number}, offset, octets);
  if (!frame) return make_error_code(Errc::damaged);
  return Journal::Content{frame->type, std::string(frame->payload())};
}

void RecordReader::forget() {
  const std::scoped_lock lock(mutex_);
  segments_.clear();
}

}  // namespace mailpod::journal
