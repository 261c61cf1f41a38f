#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <mailpod/message/decoded_text.hpp>
#include <mailpod/text/html_text.hpp>

namespace mailpod::message {

/// The text of one part as UTF-8, piece by piece: of HTML, what a person reads of it.
class ReadText {
public:
  explicit ReadText(const Part& part) : ReadText(part, part.subtype == "html") {}
  ReadText(const Part& part, bool is_html) : decoded_(decoded_text_for(part)) {
    if (is_html) html_.emplace();
  }

  std::string feed(std::string_view octets) { return shown(decoded_.feed(octets)); }
  std::string finish() {
    auto text = shown(decoded_.finish());
    return html_ ? text + html_->finish() : text;
  }
  static bool is_over() { return false; }

private:
  std::string shown(std::string text) { return html_ ? html_->feed(text) : std::move(text); }

  DecodedText decoded_;
  std::optional<text::HtmlText> html_;
};

}  // namespace mailpod::message
