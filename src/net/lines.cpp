#include <mailpod/net/lines.hpp>

#include <algorithm>
#include <optional>
#include <system_error>

#include "shared_deadline.hpp"

namespace mailpod::net {

namespace {

// The first read after a pause takes this much, so that an idle connection costs little; a peer that filled it gets
// more.
constexpr std::size_t idle_buffer = 1024;       // octets
constexpr std::size_t busy_buffer = 16 * 1024;  // octets

/// A line that comes in pieces, of which no more than the limit (and its CR) is kept.
class GrowingLine {
public:
  explicit GrowingLine(std::size_t limit) : limit_(limit) {}

  void add(std::string_view piece) {
    if (piece.empty()) return;
    length_ += piece.size();
    carriage_returns_ += static_cast<std::size_t>(std::ranges::count(piece, '\r'));
    ends_in_cr_ = piece.back() == '\r';
    text_ += piece.substr(0, limit_ + 1 - text_.size());
  }

  bool is_too_long() const { return content() > limit_; }

  /// What the line is, now that its LF has come, or that no LF can save it.
  Line finished() {
    Line line;
    if (is_too_long()) {
      line.kind = Line::Kind::too_long;
    } else if (carriage_returns_ > (ends_in_cr_ ? 1 : 0)) {
      line.kind = Line::Kind::bare_cr;
    } else {
      line.kind = ends_in_cr_ ? Line::Kind::complete : Line::Kind::bare_lf;
    }
    text_.resize(std::min<std::uint64_t>(content(), limit_));
    line.text = std::move(text_);
    return line;
  }

  /// What the line is, now that nothing more will come.
  Line unfinished() {
    text_.resize(std::min(text_.size(), limit_));
    Line line;
    line.text = std::move(text_);
    return line;
  }

private:
  /// Octets of the line so far. A CR at their end may belong to the line's end.
  std::uint64_t content() const { return length_ - (ends_in_cr_ ? 1 : 0); }

  const std::size_t limit_;
  std::string text_;
  std::uint64_t length_ = 0;
  std::uint64_t carriage_returns_ = 0;
  bool ends_in_cr_ = false;
};

}  // namespace

awaitable<Line> LineReader::read_line(std::size_t limit, Overlong overlong) {
  GrowingLine line(limit);
  std::optional<SharedDeadline> deadline;
  while (true) {
    const auto view = buffered();
    const auto line_feed = view.find('\n');
    line.add(view.substr(0, line_feed));
    if (line_feed != std::string_view::npos) {
      consume(line_feed + 1);
      co_return line.finished();
    }
    consume(view.size());
    if (overlong == Overlong::stop && line.is_too_long()) co_return line.finished();
    if (!deadline) deadline.emplace(stream_);
    deadline->begin_read();
    const bool more = co_await fill();
    if (!more) co_return line.unfinished();
  }
}

awaitable<void> LineReader::read_exactly(std::uint64_t count, const std::function<void(std::string_view)>& sink) {
  std::string chunk;
  while (count > 0) {
    if (buffered().empty()) {
      if (chunk.empty()) chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(count, busy_buffer)));
      const std::span<char> room(chunk.data(), static_cast<std::size_t>(std::min<std::uint64_t>(count, chunk.size())));
      const std::size_t received = co_await stream_.read_some(room);
      if (received == 0) throw std::system_error(make_error_code(Errc::peer_closed), "connection");
      count -= received;
      sink(std::string_view(chunk).substr(0, received));
    } else {
      const std::string piece(
          buffered().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(count, busy_buffer))));
      consume(piece.size());
      count -= piece.size();
      sink(piece);
    }
  }
}

awaitable<std::size_t> LineReader::read_some(std::span<char> into) {
  if (buffered().empty()) co_return co_await stream_.read_some(into);
  const std::size_t count = buffered().copy(into.data(), into.size());
  consume(count);
  co_return count;
}

awaitable<Wake> LineReader::wait_input(std::chrono::milliseconds limit) {
  if (!buffered().empty()) co_return Wake::input;
  co_return co_await stream_.wait_input(limit);
}

void LineReader::discard() {
  consume(buffered().size());
}

/// More octets into the empty buffer; false when the peer has closed.
awaitable<bool> LineReader::fill() {
  // Not buffer_ itself: should the read throw, nothing must seem to have been received.
  std::string room(next_buffer_, '\0');
  const std::size_t received = co_await stream_.read_some(room);
  next_buffer_ = received == room.size() ? busy_buffer : idle_buffer;
  room.resize(received);
  buffer_ = std::move(room);
  co_return received > 0;
}

void LineReader::consume(std::size_t count) {
  at_ += count;
  if (at_ < buffer_.size()) return;
  at_ = 0;
  std::string().swap(buffer_);
}

}  // namespace mailpod::net
