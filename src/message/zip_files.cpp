#include "zip_files.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

#include <zlib.h>

namespace mailpod::message {
namespace {

constexpr std::string_view file_magic("PK\x03\x04", 4);
constexpr std::string_view directory_magic("PK\x01\x02", 4);
constexpr std::size_t header_octets = 30;
constexpr std::size_t flags_at = 6, method_at = 8, size_at = 18, name_at = 26, extra_at = 28;
constexpr std::uint32_t encrypted_flag = 1, described_behind_flag = 8;
constexpr std::uint32_t stored_method = 0, deflated_method = 8;
constexpr std::uint32_t in_the_extra_field = 0xFFFFFFFF;  // ZIP64: no attachment is so large
constexpr std::size_t longest_descriptor = 24;            // with its own magic and 64-bit sizes
constexpr std::size_t block_octets = 64 * 1024;

std::uint32_t little_endian(std::string_view octets, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(octets[at + i]);
  return value;
}

}  // namespace

/// zlib's, of bare deflated octets.
class ZipFiles::Inflation {
public:
  Inflation() : block_(block_octets, '\0') {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflation() { inflateEnd(&stream_); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  enum class Outcome { wants_more, ended, malformed };
  /// One block of output: takes octets from `in`.
  std::pair<Outcome, std::string_view> step(std::string_view& in) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max()));
    const auto given = stream_.avail_in;
    stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
    stream_.avail_out = static_cast<uInt>(block_.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(given - stream_.avail_in);
    const auto out = std::string_view(block_).substr(0, block_.size() - stream_.avail_out);
    if (result == Z_STREAM_END) return {Outcome::ended, out};
    const bool goes_on = result == Z_OK || result == Z_BUF_ERROR;
    return {goes_on ? Outcome::wants_more : Outcome::malformed, out};
  }

private:
  z_stream stream_{};
  std::string block_;
};

ZipFiles::ZipFiles(AttachmentBudget& budget, ZipReader& reader) : budget_(budget), reader_(reader) {}
ZipFiles::~ZipFiles() = default;

void ZipFiles::feed(std::string_view octets) {
  // A file without octets ends where it begins: that too is a step.
  while (state_ != State::over && (!octets.empty() || (state_ == State::stored && left_ == 0))) {
    switch (state_) {
      case State::header:
        take_header(octets);
        break;
      case State::name:
        take_name(octets);
        break;
      case State::stored:
        take_stored(octets);
        break;
      case State::deflated:
        take_deflated(octets);
        break;
      case State::descriptor:
        take_descriptor(octets);
        break;
      case State::over:
        break;
    }
  }
}

bool ZipFiles::collect(std::string_view& octets, std::size_t wanted) {
  const auto count = std::min(wanted - pending_.size(), octets.size());
  pending_ += octets.substr(0, count);
  octets.remove_prefix(count);
  return pending_.size() == wanted;
}

void ZipFiles::take_header(std::string_view& octets) {
  if (!collect(octets, header_octets)) return;
  const auto flags = little_endian(pending_, flags_at, 2);
  const auto method = little_endian(pending_, method_at, 2);
  const auto size = little_endian(pending_, size_at, 4);
  const bool is_file = pending_.starts_with(file_magic) && size != in_the_extra_field;
  encrypted_ = (flags & encrypted_flag) != 0;
  described_behind_ = (flags & described_behind_flag) != 0;
  deflated_ = method == deflated_method && !encrypted_;
  const bool is_readable = deflated_ || (method == stored_method && !encrypted_);
  // Of what is described behind, only deflated octets say where they end.
  const bool end_is_known = !described_behind_ || deflated_;
  if (!is_file || !end_is_known || budget_.files == 0) {
    state_ = State::over;
    return;
  }
  --budget_.files;
  left_ = size;
  wanted_ = is_readable;
  name_octets_ = little_endian(pending_, name_at, 2);
  extra_octets_ = little_endian(pending_, extra_at, 2);
  pending_.clear();
  state_ = State::name;
  if (name_octets_ + extra_octets_ == 0) begin_file();
}

void ZipFiles::take_name(std::string_view& octets) {
  if (collect(octets, name_octets_ + extra_octets_)) begin_file();
}

void ZipFiles::begin_file() {
  wanted_ = wanted_ && reader_.begin(std::string_view(pending_).substr(0, name_octets_));
  pending_.clear();
  const bool must_inflate = deflated_ && (wanted_ || described_behind_);
  inflation_ = must_inflate ? std::make_unique<Inflation>() : nullptr;
  state_ = must_inflate ? State::deflated : State::stored;
}

void ZipFiles::pass_on(std::string_view octets) {
  if (octets.size() > budget_.unpacked) {
    octets = octets.substr(0, static_cast<std::size_t>(budget_.unpacked));
    state_ = State::over;
  }
  budget_.unpacked -= octets.size();
  if (wanted_) reader_.more(octets);
  if (state_ == State::over) tell_end();
}

void ZipFiles::take_stored(std::string_view& octets) {
  const auto piece = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())));
  octets.remove_prefix(piece.size());
  left_ -= piece.size();
  if (wanted_) pass_on(piece);
  if (left_ == 0 && state_ != State::over) end_file();
}

void ZipFiles::take_deflated(std::string_view& octets) {
  auto in = described_behind_
                ? octets
                : octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())));
  while (state_ == State::deflated) {
    const auto before = in.size();
    const auto [outcome, out] = inflation_->step(in);
    octets.remove_prefix(before - in.size());
    if (!described_behind_) left_ -= before - in.size();
    if (!out.empty()) pass_on(out);
    if (state_ == State::over) return;
    if (outcome == Inflation::Outcome::wants_more) {
      if (!described_behind_ && left_ == 0 && out.empty()) return end_file();
      if (in.empty() && out.size() < block_octets) return;
      continue;
    }
    if (outcome == Inflation::Outcome::malformed && described_behind_) {
      tell_end();
      state_ = State::over;
      return;
    }
    if (described_behind_) return end_file();
    tell_end();
    state_ = State::stored;  // what its header promised beyond
  }
}

void ZipFiles::take_descriptor(std::string_view& octets) {
  while (!octets.empty()) {
    pending_ += octets.front();
    octets.remove_prefix(1);
    if (pending_.ends_with(file_magic)) {
      pending_ = file_magic;
      state_ = State::header;
      return;
    }
    if (pending_.ends_with(directory_magic) || pending_.size() > longest_descriptor + file_magic.size()) {
      state_ = State::over;
      return;
    }
  }
}

void ZipFiles::tell_end() {
  if (std::exchange(wanted_, false)) reader_.end();
  inflation_ = nullptr;
}

void ZipFiles::end_file() {
  tell_end();
  pending_.clear();
  state_ = described_behind_ ? State::descriptor : State::header;
}

}  // namespace mailpod::message
