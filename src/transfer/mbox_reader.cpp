#include <algorithm>
#include <array>
#include <span>

#include <mailpod/text/ascii.hpp>
#include <mailpod/transfer/mbox.hpp>

#include "status_fields.hpp"

namespace mailpod::transfer {
namespace {

constexpr std::size_t read_at_once = 32 * 1024;
/// Octets of a line that are looked at as a whole: From_ lines and status fields are shorter.
constexpr std::size_t line_head = 4 * 1024;
constexpr std::string_view internal_subject = "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";
constexpr std::array<std::string_view, 3> written_by_us{"Status", "X-Status", "X-Keywords"};

/// A line, or as much of a long one as is looked at.
struct Piece {
  std::string_view text;     ///< without the line's end
  std::uint64_t offset = 0;  ///< where the line begins
  bool begins = false;
  bool ends = false;
  bool has_end = false;  ///< a line end stands there, not the file's
};

/// Lines of a file from an offset on; long ones in pieces.
class Lines {
public:
  Lines(const base::OctetSource& file, std::uint64_t offset) : file_(file), next_read_(offset), line_offset_(offset) {}

  /// False at the file's end. Valid until the next call.
  bool next(Piece& piece) {
    piece = {};
    piece.begins = !inside_;
    piece.offset = line_offset_;
    for (;;) {
      const auto rest = std::string_view(buffer_).substr(begin_);
      const auto end = rest.find('\n', searched_);
      if (end != std::string_view::npos) return whole(piece, rest.substr(0, end));
      searched_ = rest.size();
      if (rest.size() > line_head) return part(piece, rest);
      if (!read_more()) return last(piece, std::string_view(buffer_).substr(begin_));
    }
  }

private:
  bool whole(Piece& piece, std::string_view text) {
    consume(text.size() + 1);
    line_offset_ += text.size() + 1;
    if (text.ends_with('\r')) text.remove_suffix(1);
    piece.text = text;
    piece.ends = piece.has_end = true;
    inside_ = false;
    return true;
  }
  bool part(Piece& piece, std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);  // may be its end's; there is more than that
    consume(text.size());
    line_offset_ += text.size();
    piece.text = text;
    inside_ = true;
    return true;
  }
  bool last(Piece& piece, std::string_view text) {
    inside_ = false;
    if (text.empty()) return false;
    consume(text.size());
    line_offset_ += text.size();
    piece.text = text;
    piece.ends = true;
    return true;
  }
  void consume(std::size_t octets) {
    begin_ += octets;
    searched_ = 0;
  }
  bool read_more() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const auto held = buffer_.size();
    buffer_.resize(held + read_at_once);
    const auto got = file_.read_at(next_read_, std::span(buffer_).subspan(held));
    buffer_.resize(held + got);
    next_read_ += got;
    return got > 0;
  }

  const base::OctetSource& file_;
  std::uint64_t next_read_;
  std::uint64_t line_offset_;  ///< of what begin_ stands at
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t searched_ = 0;
  bool inside_ = false;  ///< a line whose beginning was given
};

/// Takes a message's lines and gives its octets.
class Message {
public:
  explicit Message(const std::function<void(std::string_view)>& take) : take_(take) {}

  void line(const Piece& piece) {
    if (!piece.begins) {
      if (!skipping_) give(piece);
      return;
    }
    if (blank_held_) take_("\r\n");
    blank_held_ = false;
    if (in_header_) {
      header_line(piece);
    } else if (piece.text.empty() && piece.has_end) {
      blank_held_ = true;  // it belongs to the From_ line, if one follows
    } else {
      give(unquoted(piece));
    }
  }

  FlagWords flags;
  bool internal = false;

private:
  void give(const Piece& piece) {
    if (!piece.text.empty()) take_(piece.text);
    if (piece.has_end) take_("\r\n");
  }

  /// mboxrd has added one `>`; older writers have added it to lines without any only, which looks the same.
  static Piece unquoted(Piece piece) {
    const auto quotes = piece.text.find_first_not_of('>');
    if (piece.text.starts_with('>') && quotes != std::string_view::npos &&
        piece.text.substr(quotes).starts_with("From "))
      piece.text.remove_prefix(1);
    return piece;
  }

  void header_line(const Piece& piece) {
    const auto number = header_lines_++;
    if (piece.text.empty()) {
      in_header_ = skipping_ = false;
      give(piece);
      return;
    }
    const auto colon = std::min(piece.text.find(':'), piece.text.size());
    const auto name = text::trim(piece.text.substr(0, colon));
    if (number == ours_ && ours_ < written_by_us.size() && text::equal_fold(name, written_by_us[ours_])) ++ours_;
    if (number < ours_) {
      skipping_ = true;
      read_status_field(name, piece.text.substr(std::min(colon + 1, piece.text.size())), flags);
      return;
    }
    // What follows our three lines is the message, whatever it is called.
    if (ours_ == written_by_us.size()) {
      skipping_ = false;
      give(unquoted(piece));
      return;
    }
    foreign_line(piece, name, colon);
  }

  void foreign_line(const Piece& piece, std::string_view name, std::size_t colon) {
    const bool continues = piece.text.front() == ' ' || piece.text.front() == '\t';
    if (continues && skipping_) {
      read_status_field(field_, piece.text, flags);
      return;
    }
    if (!continues) skipping_ = colon < piece.text.size() && is_status_field(name);
    if (skipping_) {
      field_ = name;
      read_status_field(name, piece.text.substr(colon + 1), flags);
      return;
    }
    internal = internal || text::starts_with_fold(piece.text, internal_subject);
    give(unquoted(piece));
  }

  const std::function<void(std::string_view)>& take_;
  bool in_header_ = true;
  bool skipping_ = false;
  bool blank_held_ = false;
  std::size_t header_lines_ = 0;
  std::size_t ours_ = 0;  ///< how many of our lines began the header
  std::string field_;     ///< the name of the one that is skipped
};

std::optional<base::Time> from_line(const Piece& piece) {
  return piece.begins && piece.ends ? parse_from_line(piece.text) : std::nullopt;
}

}  // namespace

std::optional<MboxMessage> read_mbox_message(const base::OctetSource& file, std::uint64_t offset,
                                             const std::function<void(std::string_view)>& take) {
  Lines lines(file, offset);
  Piece piece;
  do {
    if (!lines.next(piece)) return std::nullopt;
  } while (piece.begins && piece.ends && piece.text.empty());
  const auto date = from_line(piece);
  if (!date) return std::nullopt;
  MboxMessage message{{*date, {}}, file.size(), false};
  Message reading(take);
  while (lines.next(piece)) {
    if (from_line(piece)) {
      message.next = piece.offset;
      break;
    }
    reading.line(piece);
  }
  message.label.flags = std::move(reading.flags);
  message.internal = reading.internal;
  return message;
}

}  // namespace mailpod::transfer
