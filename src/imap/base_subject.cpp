#include "base_subject.hpp"

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::imap {
namespace {

using text::Cursor;

constexpr text::OctetSet brackets = text::OctetSet("[]");

/// Step 1: white space is one SP each.
std::string with_single_spaces(std::string_view subject) {
  std::string out;
  out.reserve(subject.size());
  for (const char octet : subject) {
    const bool white = octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
    if (!white) {
      out += octet;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

/// subj-blob = "[" *BLOBCHAR "]" *WSP
bool take_blob(Cursor& in) {
  auto blob = in;
  if (!blob.take('[')) return false;
  blob.take_until(brackets);
  if (!blob.take(']')) return false;
  blob.skip_wsp();
  in = blob;
  return true;
}

/// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool take_refwd(Cursor& in) {
  auto mark = in;
  if (mark.take("fw")) {
    mark.take("d");
  } else if (!mark.take("re")) {
    return false;
  }
  mark.skip_wsp();
  take_blob(mark);
  if (!mark.take(':')) return false;
  in = mark;
  return true;
}

class Extraction {
public:
  explicit Extraction(std::string_view subject) : rest_(subject) {}

  BaseSubject run() {
    do {
      strip_trailers();
      while (strip_leader()) {
      }
    } while (strip_forward());
    return {std::string(rest_), marked_};
  }

private:
  /// Step 2: *subj-trailer
  void strip_trailers() {
    constexpr std::string_view forwarded = "(fwd)";
    while (true) {
      rest_ = rest_.substr(0, rest_.find_last_not_of(" \t") + 1);
      if (!text::ends_with_fold(rest_, forwarded)) return;
      rest_.remove_suffix(forwarded.size());
      marked_ = true;
    }
  }

  /// Steps 3 and 4: white space, and the blobs in front. Those before a mark go with it; others go as long as something
  /// is left. All of a row of blobs is looked at once: whether a mark follows is the same for each of them.
  bool strip_leader() {
    Cursor in(rest_);
    in.skip_wsp();
    auto last_blob = in;
    while (true) {
      const auto before = in;
      if (!take_blob(in)) break;
      last_blob = before;
    }
    if (take_refwd(in)) {
      marked_ = true;
    } else if (in.at_end()) {
      in = last_blob;
    }
    const bool any = in.rest().size() != rest_.size();
    rest_ = in.rest();
    return any;
  }

  /// Step 6: subj-fwd-hdr and subj-fwd-trl.
  bool strip_forward() {
    constexpr std::string_view header = "[fwd:";
    if (!text::starts_with_fold(rest_, header) || !rest_.ends_with(']')) return false;
    rest_.remove_prefix(header.size());
    rest_.remove_suffix(1);
    marked_ = true;
    return true;
  }

  std::string_view rest_;
  bool marked_ = false;
};

}  // namespace

BaseSubject base_subject(std::string_view subject) {
  const auto spaced = with_single_spaces(subject);
  return Extraction(spaced).run();
}

}  // namespace mailpod::imap
