#pragma once

#include <string>
#include <string_view>

#include "data_reader.hpp"

namespace mailpod::smtp {

/// The octets of BDAT's chunks, one after the other, as a message: lines end in CRLF and nothing else, however the
/// chunks are cut. RFC 3030 §2; without BINARYMIME a chunk is subject to RFC 5321 §2.3.8 like DATA.
///
/// Where a chunk ends is counted, so nothing in it can be taken for a command here; but the next server may take the
/// message by DATA, and there a line end that two servers read differently is a second message.
class ChunkReader {
public:
  using Fault = DataReader::Fault;

  /// Appends to `out` what is the message's. After a fault nothing more.
  void take(std::string_view octets, std::string& out);
  /// After the last chunk: a CR that waits for its LF is a fault, a last line without CRLF gets one.
  void finish(std::string& out);

  Fault fault() const { return fault_; }

private:
  void step(char octet, std::string& out);
  void fail(Fault fault);

  bool after_cr_ = false;  ///< a CR that is not yet written
  bool in_line_ = false;   ///< the present line has octets
  Fault fault_ = Fault::none;
};

}  // namespace mailpod::smtp
