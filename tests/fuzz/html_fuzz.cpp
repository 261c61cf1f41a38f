#include <cstdint>
#include <cstdlib>

#include <mailpod/text/html_text.hpp>
#include <mailpod/text/unicode.hpp>

// HTML text: well-formed in gives well-formed out, the same whatever the pieces, never with more than it was given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailpod;
  const auto utf8 = text::repaired_utf8({reinterpret_cast<const char*>(data), size});
  text::HtmlText whole;
  auto once = whole.feed(utf8);
  once += whole.finish();
  if (!text::is_utf8(once)) std::abort();

  text::HtmlText parted;
  std::string pieces;
  std::string_view rest = utf8;
  while (!rest.empty()) {
    auto piece = text::utf8_prefix(rest, 4);
    if (piece.empty()) piece = rest;
    pieces += parted.feed(piece);
    rest.remove_prefix(piece.size());
  }
  pieces += parted.finish();
  if (pieces != once) std::abort();
  // A reference may be one octet shorter than what it stands for: &lt for <, never the other way by more than
  // threefold.
  if (once.size() > 3 * utf8.size() + 3) std::abort();
  return 0;
}
