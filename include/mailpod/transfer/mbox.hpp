#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/transfer/label.hpp>
#include <mailpod/transfer/line_ends.hpp>

/// mbox: many messages in one file, each after a line that begins with `From ` and ends with a date. RFC 4155; lines
/// that would look so are quoted by `>`, as mboxrd does it.
namespace mailpod::transfer {

/// The date of a From_ line, without its line end; nothing if it is none. Forgives what programs wrote there: any
/// sender, zones, `remote from`. A date without a zone counts as UTC.
std::optional<base::Time> parse_from_line(std::string_view line);
/// With its line end.
std::string write_from_line(base::Time date);
/// `Status`, `X-Status` and `X-Keywords`: three lines that stand before a message's own header.
std::string write_status_fields(const FlagWords& flags);

/// A message's octets as lines of an mbox file: LF, From_ lines quoted. Pieces may end anywhere.
class MboxLines {
public:
  void convert(std::string_view piece, std::string& out);
  /// The end of the last line, and an empty one.
  void finish(std::string& out);

private:
  void take(std::string_view text, std::string& out);
  void give_up_match(std::string& out);

  LinesToLf line_ends_;
  std::string lf_;
  std::size_t quotes_ = 0;   ///< `>` at the line's start
  std::size_t matched_ = 0;  ///< octets of `From `
  bool matching_ = true;
  bool ends_line_ = true;
};

/// What stood in an mbox file.
struct MboxMessage {
  Label label;
  std::uint64_t next = 0;  ///< where the next From_ line is, or the file's end
  bool internal = false;   ///< no mail: where a mail program (c-client) keeps its numbers
};
/// Reads the message whose From_ line begins at `offset` (or after empty lines there), and gives its octets to `take`,
/// with CRLF line ends and without the fields in which mbox programs keep flags. Nothing at the file's end, and where
/// no From_ line stands. Memory is bounded, whatever the length of lines. What `take` throws passes through.
std::optional<MboxMessage> read_mbox_message(const base::OctetSource& file, std::uint64_t offset,
                                             const std::function<void(std::string_view)>& take);

}  // namespace mailpod::transfer
