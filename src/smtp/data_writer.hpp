#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <mailpod/base/octet_source.hpp>

#include "data_reader.hpp"

namespace mailpod::smtp {

/// What a message's octets are, as far as the wire must know.
struct MessageForm {
  DataReader::Fault fault = DataReader::Fault::none;  ///< why it cannot be sent
  bool eight_bit = false;                             ///< has octets above 127
  bool long_lines = false;                            ///< has lines of more than 998 octets without their CRLF
  /// Octets as RFC 1870 §3 counts them: each line with its CRLF, also the last; without stuffed dots and final dot.
  std::uint64_t size = 0;
};

/// Puts a message on a wire: the one way for it to get there. DATA's form, RFC 5321 §4.5.2: dots at the beginning of
/// lines doubled, CRLF . CRLF at the end, which a last line without CRLF is given first.
///
/// First the whole message is examined, then it is written, so that a message that cannot be sent is refused before its
/// first octet has gone out. Both go block by block; nothing larger than a block is held. What is written has passed
/// the same examination a second time, so that a source whose octets change in between can break the transfer but not
/// the promise: no CR or LF alone, no NUL and no dot that could be taken for the end ever leaves here.
///
/// The examination is cheap because it asks each octet only about itself and its neighbour, without a branch (16 octets
/// a step once vectorized), while the block is in the processor's cache; and because the caller may pause between two
/// blocks.
///
/// Lines of more than 998 octets (RFC 5321 §4.5.3.1.6) go out as they are. They are not rare in real mail, most servers
/// take them, and to break them would change what was signed; a server that minds says so, and its answer is heard.
class DataWriter {
public:
  static constexpr std::size_t usual_block = 32 * 1024;

  /// The source is borrowed. `block` is how many octets are read at once, at least 2.
  explicit DataWriter(const base::OctetSource& message, std::size_t block = usual_block);

  /// Examines the next block; false once there was none left (or nothing more matters, for there is a fault).
  bool examine_block();
  /// Complete once examine_block() has returned false.
  const MessageForm& form() const { return form_; }

  /// The wire's next octets into `out`, replacing what was there; at most two for each octet of a block, and five at
  /// the end. Only after the examination, without a fault, and until ended(). Throws io_error if the source yields
  /// other octets than it did then, or fewer.
  void write_block(std::string& out);
  /// What write_block() gave last ends with the final dot.
  bool ended() const { return ended_; }

private:
  std::string_view read_block();
  void begin_again();

  const base::OctetSource& message_;
  std::string block_;
  std::uint64_t at_ = 0;     ///< of the message: where the next block begins
  std::size_t line_ = 0;     ///< octets that the unfinished line has had in earlier blocks
  bool line_begins_ = true;  ///< the next octet is a line's first
  bool examined_ = false;
  bool ended_ = false;
  MessageForm form_;
};

}  // namespace mailpod::smtp
