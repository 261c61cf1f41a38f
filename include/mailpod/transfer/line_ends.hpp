#pragma once

#include <string>
#include <string_view>

/// Mail has CRLF at the end of each line, files of Unix have LF. Streams: pieces may end anywhere.
namespace mailpod::transfer {

/// CRLF to LF.
class LinesToLf {
public:
  /// Appends what `piece` becomes to `out`.
  void convert(std::string_view piece, std::string& out);
  void finish(std::string& out);
  /// Whether LinesToCrlf makes the same octets of what came out: no LF stood alone, and no CR before a CRLF.
  bool reversible() const { return reversible_; }

private:
  bool held_ = false;     ///< a CR, until it is known whether a LF follows
  bool doubled_ = false;  ///< the octet before it was a CR too
  bool reversible_ = true;
};

/// Every LF without a CR before it to CRLF.
class LinesToCrlf {
public:
  void convert(std::string_view piece, std::string& out);

private:
  bool after_cr_ = false;
};

}  // namespace mailpod::transfer
