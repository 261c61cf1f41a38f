#include "converted_source.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace mailpod::message {

namespace {

constexpr std::size_t block_octets = 16 * 1024;

}  // namespace

ConvertedSource::ConvertedSource(const base::OctetSource& message, std::vector<Change> changes) : message_(message) {
  std::uint64_t at = 0;
  for (Change& change : changes) {
    if (change.place.begin > at) add({{at, change.place.begin}}, change.place.begin - at);
    at = change.place.end;
    const std::uint64_t size = change.encoding ? encoded_size(change) : change.text.size();
    add(std::move(change), size);
  }
  if (message.size() > at) add({{at, message.size()}}, message.size() - at);
}

void ConvertedSource::add(Change change, std::uint64_t size) {
  if (size == 0) return;
  pieces_.push_back({size_, size, std::move(change)});
  size_ += size;
}

std::uint64_t ConvertedSource::encoded_size(const Change& change) const {
  const Piece piece{0, 0, change};
  Progress progress{&piece, change.place.begin, 0, {}, PartEncoder(*change.encoding)};
  while (encode_block(progress)) {
  }
  return progress.begin;
}

bool ConvertedSource::encode_block(Progress& progress) const {
  const Range& place = progress.piece->change.place;
  progress.begin += progress.block.size();
  progress.block.clear();
  if (progress.read > place.end) return false;
  if (progress.read == place.end) {
    progress.encoder.finish(progress.block);
    // Once only: behind the end.
    ++progress.read;
    return true;
  }
  std::string octets(static_cast<std::size_t>(std::min<std::uint64_t>(block_octets, place.end - progress.read)), '\0');
  const std::size_t count = message_.read_at(progress.read, octets);
  if (count < octets.size()) {
    throw std::system_error(std::make_error_code(std::errc::io_error),
                            "a message changed while it was being converted");
  }
  progress.encoder.encode(octets, progress.block);
  progress.read += count;
  return true;
}

std::size_t ConvertedSource::read_at(std::uint64_t offset, std::span<char> into) const {
  std::size_t done = 0;
  auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::begin);
  if (piece != pieces_.begin()) --piece;
  while (done < into.size() && piece != pieces_.end()) {
    const std::uint64_t from = offset + done - piece->begin;
    if (from >= piece->size) {
      ++piece;
      continue;
    }
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(into.size() - done, piece->size - from));
    const std::size_t count = read_piece(*piece, from, into.subspan(done, room));
    if (count == 0) break;
    done += count;
  }
  return done;
}

std::size_t ConvertedSource::read_piece(const Piece& piece, std::uint64_t from, std::span<char> into) const {
  const Change& change = piece.change;
  if (change.encoding) return read_encoded(piece, from, into);
  if (!change.text.empty()) return change.text.copy(into.data(), into.size(), static_cast<std::size_t>(from));
  return message_.read_at(change.place.begin + from, into);
}

std::size_t ConvertedSource::read_encoded(const Piece& piece, std::uint64_t from, std::span<char> into) const {
  if (!progress_ || progress_->piece != &piece || from < progress_->begin) {
    progress_.emplace(&piece, piece.change.place.begin, 0, std::string(), PartEncoder(*piece.change.encoding));
  }
  // Where it throws, half a block is there: from the beginning again.
  Progress progress = std::move(*progress_);
  progress_.reset();
  while (from >= progress.begin + progress.block.size()) {
    if (!encode_block(progress)) return 0;
  }
  const std::size_t count =
      progress.block.copy(into.data(), into.size(), static_cast<std::size_t>(from - progress.begin));
  progress_ = std::move(progress);
  return count;
}

}  // namespace mailpod::message
