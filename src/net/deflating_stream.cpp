#include <mailpod/net/deflating_stream.hpp>

#include <algorithm>
#include <new>
#include <system_error>

#define ZLIB_CONST
#include <zlib.h>

#include <mailpod/net/stint.hpp>

#include "shared_deadline.hpp"

namespace mailpod::net {
namespace {

constexpr std::size_t received_at_once = 4 * 1024;  // octets, compressed
constexpr std::size_t looked_at = 1024;             // octets, decompressed, to see whether there is something to read
constexpr std::size_t sent_at_once = 16 * 1024;     // octets, compressed

// Of what we send: a window of 16 KiB and half of zlib's usual memory, 128 KiB while something is being said. The least
// effort: the loop's other connections wait meanwhile, and answers of IMAP become small in any case.
constexpr int window_bits = 14;
constexpr int memory_level = 7;
constexpr int effort = Z_BEST_SPEED;

const Bytef* octets_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

}  // namespace

/// What comes in.
class DeflatingStream::Input {
public:
  Input() {
    if (inflateInit2(&state_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Input() { inflateEnd(&state_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// Decompressed octets; 0: more must be received.
  std::size_t take(std::span<char> into) {
    if (!looked_at_.empty()) {
      const auto count = looked_at_.copy(into.data(), into.size());
      looked_at_.erase(0, count);
      return count;
    }
    return ended_ ? 0 : inflate_some(into);
  }

  /// Whether take() would give something; decompresses a little to see.
  bool has_some() {
    if (looked_at_.empty() && !ended_) {
      looked_at_.resize(looked_at);
      looked_at_.resize(inflate_some(looked_at_));
    }
    return !looked_at_.empty();
  }

  /// The peer has closed, or has ended its compressed octets, which is as much as closing.
  bool has_ended() const { return ended_; }

  /// Whether all that was received is decompressed and taken, and nothing of a block is outstanding: it ends with what
  /// Z_SYNC_FLUSH makes, or with a last block.
  bool is_flushed() const {
    if (!received_.empty() || !looked_at_.empty()) return false;
    if (finished_) return true;
    constexpr std::string_view empty_block("\x00\x00\xff\xff", 4);
    return last_received_ == empty_block && between_blocks_;
  }

  void received(std::string octets) {
    if (octets.empty()) ended_ = true;
    constexpr std::size_t kept = 4;
    last_received_ += std::string_view(octets).substr(octets.size() - std::min(kept, octets.size()));
    if (last_received_.size() > kept) last_received_.erase(0, last_received_.size() - kept);
    received_ = std::move(octets);
    state_.next_in = octets_of(received_);
    state_.avail_in = static_cast<uInt>(received_.size());
  }

private:
  std::size_t inflate_some(std::span<char> into) {
    state_.next_out = reinterpret_cast<Bytef*>(into.data());
    state_.avail_out = static_cast<uInt>(into.size());
    const auto available = state_.avail_in;
    const auto result = inflate(&state_, Z_SYNC_FLUSH);
    // Without input or room there is no progress, which is no error.
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
      throw std::system_error(std::make_error_code(std::errc::bad_message), "connection");
    }
    if (result == Z_STREAM_END) ended_ = finished_ = true;
    if (state_.avail_in == 0) std::string().swap(received_);
    const auto count = into.size() - state_.avail_out;
    // Only a call that did something says where it stands: zlib.h, "data_type".
    constexpr int after_block = 128;
    constexpr int unused_bits = 63;
    if (available > 0 || count > 0) between_blocks_ = (state_.data_type & (after_block | unused_bits)) == after_block;
    return count;
  }

  z_stream state_{};
  std::string received_;       ///< not decompressed yet
  std::string looked_at_;      ///< decompressed, not taken yet
  std::string last_received_;  ///< as it came: the last four octets
  bool ended_ = false;
  bool between_blocks_ = false;
  bool finished_ = false;  ///< by a last block
};

/// What goes out, from one wait for input to the next.
class DeflatingStream::Output {
public:
  Output() {
    if (deflateInit2(&state_, effort, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Output() { deflateEnd(&state_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void begin(std::string_view octets) {
    state_.next_in = octets_of(octets);
    state_.avail_in = static_cast<uInt>(octets.size());
  }
  /// Compressed octets; fewer than there is room for: the flush is complete.
  std::size_t deflate_some(std::span<char> into) {
    state_.next_out = reinterpret_cast<Bytef*>(into.data());
    state_.avail_out = static_cast<uInt>(into.size());
    deflate(&state_, Z_SYNC_FLUSH);
    return into.size() - state_.avail_out;
  }

private:
  z_stream state_{};
};

DeflatingStream::DeflatingStream(Stream& stream) : stream_(stream) {}
DeflatingStream::~DeflatingStream() = default;

void DeflatingStream::begin() {
  input_ = std::make_unique<Input>();
}

awaitable<bool> DeflatingStream::can_end(std::chrono::milliseconds limit) {
  const auto end = stream_.now() + limit;
  while (!input_->has_some()) {
    if (input_->is_flushed()) {
      const auto wake = co_await stream_.wait_input(std::chrono::milliseconds(0));
      co_return wake != Wake::input;
    }
    if (input_->has_ended()) co_return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - stream_.now());
    const auto rest = std::max(std::chrono::milliseconds(0), left);
    const auto wake = co_await stream_.wait_input(rest);
    if (wake == Wake::timeout) co_return false;
    if (wake == Wake::input) co_await receive();
  }
  co_return false;
}

void DeflatingStream::end() {
  input_.reset();
  output_.reset();
}

awaitable<std::size_t> DeflatingStream::read_some(std::span<char> into) {
  if (!input_) co_return co_await stream_.read_some(into);
  SharedDeadline deadline(stream_);
  Stint stint(stream_);
  std::size_t count = input_->take(into);
  while (count == 0 && !input_->has_ended()) {
    if (stint.is_over()) co_await stint.pause();
    deadline.begin_read();
    co_await receive();
    count = input_->take(into);
  }
  co_return count;
}

awaitable<void> DeflatingStream::write(std::string_view octets) {
  if (!input_) {
    co_await stream_.write(octets);
    co_return;
  }
  if (octets.empty()) co_return;
  if (!output_) output_ = std::make_unique<Output>();
  output_->begin(octets);
  std::string compressed(std::min(sent_at_once, octets.size() + 64), '\0');
  std::size_t count = compressed.size();
  while (count == compressed.size()) {
    count = output_->deflate_some(compressed);
    const auto piece = std::string_view(compressed).substr(0, count);
    if (!piece.empty()) co_await stream_.write(piece);
  }
}

awaitable<Wake> DeflatingStream::wait_input(std::chrono::milliseconds limit) {
  if (!input_) co_return co_await stream_.wait_input(limit);
  const auto end = stream_.now() + limit;
  Stint stint(stream_);
  while (!input_->has_some() && !input_->has_ended()) {
    // The next answer is compressed by itself. A flush ended what was sent, and any block may follow it.
    output_.reset();
    if (stint.is_over()) co_await stint.pause();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - stream_.now());
    const auto rest = std::max(std::chrono::milliseconds(0), left);
    const auto wake = co_await stream_.wait_input(rest);
    if (wake != Wake::input) co_return wake;
    co_await receive();
  }
  co_return Wake::input;
}

awaitable<void> DeflatingStream::receive() {
  std::string octets(received_at_once, '\0');
  const auto received = co_await stream_.read_some(octets);
  octets.resize(received);
  input_->received(std::move(octets));
}

}  // namespace mailpod::net
