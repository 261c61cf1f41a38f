#include "office_text.hpp"

#include <algorithm>
#include <utility>

#include <mailpod/text/html_text.hpp>

namespace mailpod::message {
namespace {

constexpr std::size_t longest_name = 64;       // of an element, with its prefix; longer ones are none of ours
constexpr std::size_t longest_reference = 10;  // &#x10FFFF;

/// Local names of elements that part words, of both families.
constexpr std::string_view parting[] = {"p",  "h", "si", "br",  "cr",         "tab",       "tc",
                                        "tr", "s", "is", "row", "line-break", "table-row", "table-cell"};

struct OfficeFile {
  std::string_view begin;  ///< of its name
  OfficeMarkup::Shown shown;
};
constexpr OfficeFile office_files[] = {
    {"content.xml", OfficeMarkup::Shown::all},
    {"word/document", OfficeMarkup::Shown::in_runs},
    {"word/footnotes", OfficeMarkup::Shown::in_runs},
    {"word/endnotes", OfficeMarkup::Shown::in_runs},
    {"word/comments", OfficeMarkup::Shown::in_runs},
    {"word/header", OfficeMarkup::Shown::in_runs},
    {"word/footer", OfficeMarkup::Shown::in_runs},
    {"ppt/slides/slide", OfficeMarkup::Shown::in_runs},
    {"ppt/notesSlides/notesSlide", OfficeMarkup::Shown::in_runs},
    {"xl/sharedStrings", OfficeMarkup::Shown::in_runs},
    {"xl/worksheets/sheet", OfficeMarkup::Shown::in_runs},
};

bool is_space(char octet) {
  return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/// Only ASCII is held back, so that no character is cut.
bool is_of_reference(char octet) {
  return octet == '#' || (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
         (octet >= 'A' && octet <= 'Z');
}

/// `<w:t xml:space="preserve"` → t
std::string_view local_name(std::string_view tag) {
  if (tag.starts_with('/')) tag.remove_prefix(1);
  tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
  const auto colon = tag.find(':');
  return colon == std::string_view::npos ? tag : tag.substr(colon + 1);
}

}  // namespace

void OfficeMarkup::feed(std::string_view utf8, std::string& out) {
  for (const char octet : utf8) {
    if (state_ == State::over) return;
    take(octet, out);
  }
}

void OfficeMarkup::take(char octet, std::string& out) {
  switch (state_) {
    case State::text:
      return take_text(octet, out);
    case State::reference:
      return take_reference(octet, out);
    case State::tag:
      return take_tag(octet);
    case State::quoted:
      if (octet == quote_) state_ = State::tag;
      return;
    case State::comment:
    case State::instruction: {
      const std::string_view close = state_ == State::comment ? "-->" : "?>";
      tag_ += octet;
      if (tag_.ends_with(close)) state_ = State::text;
      if (tag_.size() > close.size()) tag_.erase(0, 1);
      return;
    }
    case State::over:
      return;
  }
}

void OfficeMarkup::take_text(char octet, std::string& out) {
  if (octet == '<') {
    state_ = State::tag;
    tag_.clear();
    empty_ = false;
  } else if (octet == '&') {
    state_ = State::reference;
    tag_.clear();
  } else {
    put(std::string_view(&octet, 1), out);
  }
}

void OfficeMarkup::take_reference(char octet, std::string& out) {
  if (octet == ';') {
    state_ = State::text;
    put(tag_ == "apos" ? "'" : text::html_character(tag_), out);  // which HTML 4 does not have
  } else if (tag_.size() == longest_reference || !is_of_reference(octet)) {
    state_ = State::text;
    put("&" + tag_, out);
    take_text(octet, out);
  } else {
    tag_ += octet;
  }
}

void OfficeMarkup::take_tag(char octet) {
  if (octet == '>') return end_tag();
  if (!tag_.empty() && (octet == '"' || octet == '\'')) {
    quote_ = octet;
    state_ = State::quoted;
    empty_ = false;
    return;
  }
  empty_ = octet == '/' && !tag_.empty();
  if (tag_.size() < longest_name) tag_ += octet;
  if (tag_ == "?") {
    tag_.clear();
    state_ = State::instruction;
  } else if (tag_ == "!--") {
    tag_.clear();
    state_ = State::comment;
  } else if (tag_.starts_with('!') && !std::string_view("!--").starts_with(tag_)) {
    state_ = State::over;
  }
}

void OfficeMarkup::end_tag() {
  state_ = State::text;
  const auto name = local_name(tag_);
  if (std::ranges::find(parting, name) != std::end(parting)) gap_ = true;
  if (name == "t") in_run_ = !empty_ && !tag_.starts_with('/');
}

void OfficeMarkup::put(std::string_view characters, std::string& out) {
  if (shown_ == Shown::in_runs && !in_run_) return;
  for (const char octet : characters) {
    if (is_space(octet)) {
      gap_ = true;
      continue;
    }
    if (std::exchange(gap_, false)) out += ' ';
    out += octet;
  }
}

std::string OfficeText::feed(std::string_view octets) {
  files_.feed(octets);
  return std::exchange(out_, {});
}

std::string OfficeText::finish() {
  if (characters_) end();  // the archive is cut
  return std::exchange(out_, {});
}

bool OfficeText::begin(std::string_view name) {
  const auto is_it = [name](const OfficeFile& file) { return name.starts_with(file.begin) && name.ends_with(".xml"); };
  const auto* const found = std::ranges::find_if(office_files, is_it);
  if (found == std::end(office_files)) return false;
  characters_.emplace("utf-8");
  markup_.emplace(found->shown);
  out_ += ' ';
  return true;
}

void OfficeText::more(std::string_view octets) {
  markup_->feed(characters_->feed(octets), out_);
}

void OfficeText::end() {
  markup_->feed(characters_->finish(), out_);
  characters_.reset();
}

}  // namespace mailpod::message
