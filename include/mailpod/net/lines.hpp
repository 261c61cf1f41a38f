#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// What read_line found.
struct Line {
  enum class Kind {
    complete,  ///< `text` is the line, ended by CRLF
    too_long,  ///< the line was longer than the limit; `text` is its beginning. What was consumed: Overlong
    bare_lf,   ///< a LF without CR before it; consumed up to and including it
    bare_cr,   ///< a CR without LF after it; consumed to the line's end
    closed,    ///< the peer closed; `text` is an unfinished line (usually empty)
  };
  Kind kind = Kind::closed;
  std::string text;  ///< without its end; never holds a bare CR or LF when complete. At most the limit.
};

/// What becomes of a line that is longer than its limit.
enum class Overlong {
  skip,  ///< it is consumed to its end; what follows is the next line
  stop,  ///< reported as soon as it is too long, its end may still come: for who then closes the connection
};

/// Reads a conversation's lines and literals from a Stream, buffering what arrives ahead.
///
/// Strict: a line ends in CRLF and nothing else, and what is not so is reported, never guessed (RFC 5321 §2.3.8).
/// Memory is bounded by the limit plus one read; the buffer is released whenever it is empty, so an idle connection
/// holds none. Lives on the stream's loop. Failures are the stream's exceptions; a whole line has one deadline (the
/// stream's timeout).
class LineReader {
public:
  /// The stream is borrowed.
  explicit LineReader(Stream& stream) : stream_(stream) {}

  /// The next line; `limit` octets without its CRLF.
  awaitable<Line> read_line(std::size_t limit, Overlong overlong = Overlong::skip);

  /// Exactly `count` octets to `sink`, in chunks of at most 16 KiB as they arrive. Throws Errc::peer_closed if the peer
  /// closes before. `sink` may throw; the octets it was given count as read. Each chunk has its own deadline. Name the
  /// sink, do not write it into the co_await expression: g++ 12 destroys such temporaries twice.
  awaitable<void> read_exactly(std::uint64_t count, const std::function<void(std::string_view)>& sink);

  /// Some octets as they arrive, from the buffer first; 0 when the peer has closed. For readers with their own line
  /// rules (DATA).
  awaitable<std::size_t> read_some(std::span<char> into);
  /// Gives back the end of what read_some has just returned; it is read again next.
  void put_back(std::string_view octets) {
    if (octets.empty()) return;
    buffer_.replace(0, at_, octets);
    at_ = 0;
  }

  /// Octets received but not read yet. Not empty before STARTTLS: an injection attempt (RFC 3207 §4.2, CVE-2011-0411).
  std::string_view buffered() const { return std::string_view(buffer_).substr(at_); }
  /// Forgets what is buffered.
  void discard();

  /// Stream::wait_input, but input already buffered counts.
  awaitable<Wake> wait_input(std::chrono::milliseconds limit);

private:
  awaitable<bool> fill();
  void consume(std::size_t count);

  Stream& stream_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t next_buffer_ = 1024;  ///< octets the next read may bring
};

}  // namespace mailpod::net
