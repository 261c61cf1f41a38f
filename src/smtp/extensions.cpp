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

// RFC 9422: `NAME=value …`; what is malformed, or 0, is no limit.
void note_limits(Extensions& extensions, text::Cursor& parameters) {
  while (!parameters.at_end()) {
    text::Cursor word(parameters.take_until(text::OctetSet(" ")));
    parameters.skip_wsp();
    const std::string_view name = word.take_until(text::OctetSet("="));
    if (!word.take('=')) continue;
    const auto value = word.number();
    if (!value || !word.at_end() || *value == 0) continue;
    if (text::equal_fold(name, "MAILMAX")) extensions.most_mails = *value;
    if (text::equal_fold(name, "RCPTMAX")) extensions.most_recipients = *value;
    if (text::equal_fold(name, "RCPTDOMAINMAX")) extensions.most_recipient_domains = *value;
  }
}

constexpr Keyword keywords[] = {
    {"8BITMIME", [](Extensions& extensions, text::Cursor&) { extensions.eight_bit_mime = true; }},
    {"DSN", [](Extensions& extensions, text::Cursor&) { extensions.delivery_status = true; }},
    {"LIMITS", note_limits},
    {"PIPELINING", [](Extensions& extensions, text::Cursor&) { extensions.pipelining = true; }},
    {"REQUIRETLS", [](Extensions& extensions, text::Cursor&) { extensions.require_tls = true; }},
    {"SIZE", note_size},
    {"SMTPUTF8", [](Extensions& extensions, text::Cursor&) { extensions.smtp_utf8 = true; }},
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
