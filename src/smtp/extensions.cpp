#include "extensions.hpp"

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

namespace {

struct Keyword {
  std::string_view name;
  void (*note)(Extensions& extensions, text::Cursor& parameters);
};

void note_size(Extensions& extensions, text::Cursor& parameters) {
  const auto limit = parameters.number();
  const bool given = limit && (parameters.at_end() || parameters.next_is(' '));
  extensions.size = given ? *limit : 0;
}

constexpr Keyword keywords[] = {
    {"8BITMIME", [](Extensions& extensions, text::Cursor&) { extensions.eight_bit_mime = true; }},
    {"PIPELINING", [](Extensions& extensions, text::Cursor&) { extensions.pipelining = true; }},
    {"SIZE", note_size},
    {"STARTTLS", [](Extensions& extensions, text::Cursor&) { extensions.starttls = true; }},
};

}  // namespace

Extensions parse_extensions(std::span<const std::string> lines) {
  Extensions extensions;
  for (const std::string& line : lines.subspan(lines.empty() ? 0 : 1)) {
    text::Cursor in(line);
    const std::string_view name = in.take_until(text::OctetSet(" "));
    in.take_space();
    for (const Keyword& keyword : keywords) {
      if (text::equal_fold(name, keyword.name)) keyword.note(extensions, in);
    }
  }
  return extensions;
}

}  // namespace mailpod::smtp
