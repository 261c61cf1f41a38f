#include <algorithm>
#include <limits>

#include <mailpod/crypto/age.hpp>

#include "age_cipher.hpp"

namespace mailpod::crypto {

namespace {

constexpr std::uint64_t no_chunk = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// The position of every chunk follows from the file's size, and whether a chunk is the last one is part of its nonce: a
// file that was cut or extended therefore has a last chunk that does not open.
struct AgePayload::State {
  State(const base::OctetSource& source, std::uint64_t nonce_at)
      : file(source),
        first_chunk_at(nonce_at + age_payload_nonce),
        sealed_size(source.size() - first_chunk_at),
        chunks((sealed_size + age_sealed_chunk - 1) / age_sealed_chunk),
        last_chunk(sealed_size - (chunks - 1) * age_sealed_chunk) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { wipe(open); }

  /// What the sizes alone forbid: a last chunk without room for its tag, or an empty one after others.
  bool ends_badly() const { return last_chunk < age_tag || (last_chunk == age_tag && chunks > 1); }
  std::uint64_t size() const { return (chunks - 1) * age_chunk + (ends_badly() ? 0 : last_chunk - age_tag); }

  Status open_chunk_at(std::uint64_t index) {
    if (index == open_index) return {};
    const bool last = index == chunks - 1;
    if (index > ends_at || (last && ends_badly())) return Errc::bad_payload;
    sealed.resize(static_cast<std::size_t>(last ? last_chunk : age_sealed_chunk));
    open_index = no_chunk;
    open.resize(sealed.size() - age_tag);
    if (file.read_at(first_chunk_at + index * age_sealed_chunk, sealed) != sealed.size()) return Errc::bad_payload;
    if (open_chunk(open.data(), key, index, last ? AgeChunk::last : AgeChunk::more, sealed)) {
      end_holds = end_holds || last;
    } else if (sealed.size() == age_sealed_chunk &&
               open_chunk(open.data(), key, index, last ? AgeChunk::more : AgeChunk::last, sealed)) {
      // An authentic chunk, but the file was cut right behind it or goes on where it should end.
      ends_at = index;
    } else {
      return Errc::bad_payload;
    }
    open_index = index;
    return {};
  }

  const base::OctetSource& file;
  std::uint64_t first_chunk_at;
  std::uint64_t sealed_size;
  std::uint64_t chunks;
  std::uint64_t last_chunk;  // octets in the file
  AgeSecret key;
  std::string sealed;
  std::string open;
  std::uint64_t open_index = no_chunk;
  bool end_holds = false;            // the last chunk opened as such
  std::uint64_t ends_at = no_chunk;  // the chunk behind which the file is known to be wrong
};

AgePayload::AgePayload(std::unique_ptr<State> state) : state_(std::move(state)) {}
AgePayload::AgePayload(AgePayload&&) noexcept = default;
AgePayload& AgePayload::operator=(AgePayload&&) noexcept = default;
AgePayload::~AgePayload() = default;

Result<AgePayload> AgePayload::open(const base::OctetSource& file, const AgeFileKey& key,
                                    std::uint64_t payload_offset) {
  const auto size = file.size();
  // The nonce counts to the header, so a file without one never had a payload.
  if (payload_offset > size || size - payload_offset < age_payload_nonce) return Errc::malformed_header;
  if (size - payload_offset == age_payload_nonce) return Errc::bad_payload;
  base::ByteArray<age_payload_nonce> nonce{};
  const std::span<char> into(reinterpret_cast<char*>(nonce.data()), nonce.size());
  if (file.read_at(payload_offset, into) != nonce.size()) return Errc::malformed_header;
  auto state = std::make_unique<State>(file, payload_offset);
  derive_payload_key(state->key, key, base::octets(nonce));
  return AgePayload(std::move(state));
}

std::uint64_t AgePayload::size() const {
  return state_->size();
}

Result<std::size_t> AgePayload::read_at(std::uint64_t offset, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size() && offset < state_->size()) {
    if (const auto opened = state_->open_chunk_at(offset / age_chunk); !opened) return opened.error();
    const auto within = static_cast<std::size_t>(offset % age_chunk);
    const auto copied = state_->open.copy(into.data() + done, into.size() - done, within);
    done += copied;
    offset += copied;
  }
  if (done < into.size()) {
    if (const auto end = check_end(); !end) return end.error();
  }
  return done;
}

Status AgePayload::check_end() const {
  if (!state_->end_holds && state_->ends_at == no_chunk) {
    if (const auto opened = state_->open_chunk_at(state_->chunks - 1); !opened) return opened.error();
  }
  if (state_->ends_at != no_chunk) return Errc::bad_payload;
  return {};
}

}  // namespace mailpod::crypto
