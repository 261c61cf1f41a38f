#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailpod::smtp {

/// Finds the end of DATA and removes dot-stuffing, octet by octet, however the octets are cut. RFC 5321 §4.5.2.
///
/// Exactly CRLF . CRLF ends a message. A CR without LF, a LF without CR or a NUL is a fault: servers that read such
/// line ends differently can be made to see a second message in the first (SMTP smuggling, CVE-2023-51764 and its kin),
/// so there is nothing to repair. After a fault the reader yields nothing more but still finds the end.
class DataReader {
public:
  enum class Fault { none, bare_cr, bare_lf, nul };

  /// Takes octets up to the end of data, and appends to `out` those that are the message's. Returns how many it took:
  /// all of them unless ended().
  std::size_t take(std::string_view octets, std::string& out);

  bool ended() const { return state_ == State::ended; }
  Fault fault() const { return fault_; }

private:
  enum class State {
    line_start,  ///< at the beginning, or after CRLF
    dot,         ///< after CRLF .
    dot_cr,      ///< after CRLF . CR
    text,
    cr,  ///< after a CR that is not yet written
    ended,
  };
  void step(char octet, std::string& out);
  void fail(Fault fault);

  State state_ = State::line_start;
  Fault fault_ = Fault::none;
};

}  // namespace mailpod::smtp
