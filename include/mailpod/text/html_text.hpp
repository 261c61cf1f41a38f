#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mailpod::text {

/// What a person reads of an HTML document, piece by piece: its characters without tags, comments, scripts and styles,
/// with character references resolved and white space folded to single spaces. Elements that begin a line or a cell part
/// words; those within a line do not: `w<b>or</b>d` is one word. Where an image stands, its alternative text.
///
/// Made for search and previews, not for display: nothing is nested, nothing is fetched, and what is malformed is read
/// as browsers do for the most part. Never fails; linear; memory does not grow with the input. Not shared between
/// threads.
class HtmlText {
public:
  HtmlText();
  ~HtmlText();
  HtmlText(HtmlText&&) noexcept;
  HtmlText& operator=(HtmlText&&) noexcept;

  /// `utf8` is well-formed and never ends within a character, and so is what it gives.
  std::string feed(std::string_view utf8);
  /// What was still held back.
  std::string finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

/// The characters that a reference such as `eacute` or `#x20AC` stands for (what is between `&` and `;`); empty if it
/// stands for none. Names of HTML 4; a number that is no character gives U+FFFD, those of windows-1252's gap give what
/// everybody means by them.
std::string html_character(std::string_view reference);

}  // namespace mailpod::text
