#include <mailpod/text/html_text.hpp>

#include <algorithm>
#include <utility>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::text {
namespace {

constexpr OctetSet space = OctetSet(" \t\r\n\f");
constexpr std::size_t longest_name = 32;      // of elements, attributes and references: none that matters is longer
constexpr std::size_t longest_value = 1'000;  // octets of an alternative text; what is beyond is left out

/// Elements within a line; all others part words. Ascending.
constexpr std::string_view inline_elements[] = {
    "a",    "abbr",   "acronym", "b",   "bdi", "bdo",   "big",  "cite", "code", "del",  "dfn",
    "em",   "font",   "i",       "ins", "kbd", "label", "mark", "q",    "s",    "samp", "small",
    "span", "strike", "strong",  "sub", "sup", "tt",    "u",    "var",  "wbr",
};
static_assert(std::ranges::is_sorted(inline_elements));

/// What stands in these is no text, and no markup until their end.
bool is_raw(std::string_view element) {
  return element == "script" || element == "style";
}

void append_up_to(std::string& name, char octet, std::size_t limit) {
  if (name.size() < limit) name += octet;
}

}  // namespace

class HtmlText::State {
public:
  void take(std::string_view utf8) {
    for (const char octet : utf8) take(octet);
  }

  std::string given() { return std::exchange(out_, {}); }

  void end() {
    if (where_ == Where::reference) end_reference();
    if (where_ == Where::opened) put('<');
    where_ = Where::text;
  }

private:
  enum class Where {
    text,
    reference,    // after &
    opened,       // after <
    declared,     // after <!
    declaration,  // <!DOCTYPE, <?xml: to the next >
    comment,
    element,         // its name
    attributes,      // before the next attribute
    attribute,       // its name
    attribute_ends,  // after its name
    value,           // before its value
    quoted_value,
    bare_value,
    raw,
  };

  void take(char octet) {
    switch (where_) {
      case Where::text:
        return take_text(octet);
      case Where::reference:
        return take_reference(octet);
      case Where::opened:
        return take_opened(octet);
      case Where::declared:
        return take_declared(octet);
      case Where::declaration:
        if (octet == '>') where_ = Where::text;
        return;
      case Where::comment:
        return take_comment(octet);
      case Where::element:
        return take_element(octet);
      case Where::attributes:
      case Where::attribute_ends:
        return take_between(octet);
      case Where::attribute:
        return take_attribute(octet);
      case Where::value:
        return begin_value(octet);
      case Where::quoted_value:
        return octet == quote_ ? void(where_ = Where::attributes) : keep_value(octet);
      case Where::bare_value:
        return take_bare_value(octet);
      case Where::raw:
        return take_raw(octet);
    }
  }

  void take_text(char octet) {
    if (octet == '<' && knows_elements_) {
      where_ = Where::opened;
    } else if (octet == '&') {
      where_ = Where::reference;
      name_.clear();
    } else {
      put(octet);
    }
  }

  void take_reference(char octet) {
    const bool goes_on = octets::alnum.contains(octet) || (octet == '#' && name_.empty());
    if (goes_on && name_.size() < longest_name) {
      name_ += octet;
      return;
    }
    const bool known = end_reference();
    if (known && octet == ';') return;
    take_text(octet);
  }

  /// Known names count without their semicolon, too: mail is full of them.
  bool end_reference() {
    where_ = Where::text;
    const auto character = html_character(name_);
    if (character.empty()) put('&');
    for (const char octet : character.empty() ? name_ : character) put(octet);
    return !character.empty();
  }

  void take_opened(char octet) {
    name_.clear();
    closing_ = octet == '/';
    if (octet == '!') {
      where_ = Where::declared;
      dashes_ = 0;
    } else if (octet == '?') {
      where_ = Where::declaration;
    } else if (closing_ || octets::alpha.contains(octet)) {
      where_ = Where::element;
      if (!closing_) name_ += lower(octet);
    } else {
      where_ = Where::text;
      put('<');
      take_text(octet);
    }
  }

  void take_declared(char octet) {
    if (octet == '-' && ++dashes_ == 2) {
      where_ = Where::comment;  // these two may be its last as well: <!-->
    } else if (octet != '-') {
      where_ = octet == '>' ? Where::text : Where::declaration;
    }
  }

  void take_comment(char octet) {
    if (octet == '>' && dashes_ >= 2) where_ = Where::text;
    dashes_ = octet == '-' ? std::min(dashes_ + 1, 2U) : 0;
  }

  void take_element(char octet) {
    if (octet == '>') {
      end_element();
    } else if (space.contains(octet) || octet == '/') {
      where_ = Where::attributes;
    } else {
      append_up_to(name_, lower(octet), longest_name);
    }
  }

  void take_between(char octet) {
    if (octet == '>') {
      end_element();
    } else if (octet == '=' && where_ == Where::attribute_ends) {
      where_ = Where::value;
    } else if (octet == '/') {
      where_ = Where::attributes;
    } else if (!space.contains(octet)) {
      where_ = Where::attribute;
      attribute_.assign(1, lower(octet));
    }
  }

  void take_attribute(char octet) {
    if (octet == '=' || octet == '>' || octet == '/' || space.contains(octet)) {
      where_ = Where::attribute_ends;
      take_between(octet);
    } else {
      append_up_to(attribute_, lower(octet), longest_name);
    }
  }

  void begin_value(char octet) {
    if (octet == '"' || octet == '\'') {
      where_ = Where::quoted_value;
      quote_ = octet;
    } else if (octet == '>') {
      end_element();
    } else if (!space.contains(octet)) {
      where_ = Where::bare_value;
      keep_value(octet);
    }
  }

  void take_bare_value(char octet) {
    if (octet == '>') {
      end_element();
    } else if (space.contains(octet)) {
      where_ = Where::attributes;
    } else {
      keep_value(octet);
    }
  }

  void keep_value(char octet) {
    if (name_ == "img" && attribute_ == "alt") append_up_to(alternative_, octet, longest_value + 1);
  }

  void end_element() {
    where_ = Where::text;
    if (!std::ranges::binary_search(inline_elements, std::string_view(name_))) gap_ = true;
    if (!alternative_.empty()) put_alternative();
    if (!closing_ && is_raw(name_)) {
      where_ = Where::raw;
      end_of_raw_ = "</" + name_;
      matched_ = 0;
    }
  }

  void put_alternative() {
    State within;
    within.knows_elements_ = false;
    within.take(utf8_prefix(alternative_, longest_value));
    within.end();
    for (const char octet : within.given()) put(octet);
    alternative_.clear();
    gap_ = true;
  }

  void take_raw(char octet) {
    if (matched_ == end_of_raw_.size()) {
      if (octet == '>' || octet == '/' || space.contains(octet)) {
        closing_ = true;
        name_ = end_of_raw_.substr(2);
        where_ = Where::attributes;
        return take_between(octet);
      }
      matched_ = 0;
    }
    if (lower(octet) == end_of_raw_[matched_]) {
      ++matched_;
    } else {
      matched_ = octet == '<' ? 1 : 0;
    }
  }

  void put(char octet) {
    if (space.contains(octet)) {
      gap_ = true;
      return;
    }
    if (gap_ && begun_) out_ += ' ';
    gap_ = false;
    begun_ = true;
    out_ += octet;
  }

  Where where_ = Where::text;
  std::string out_;
  bool begun_ = false;  // something was put
  bool gap_ = false;    // white space is due before the next character
  bool knows_elements_ = true;
  bool closing_ = false;
  unsigned dashes_ = 0;
  char quote_ = '"';
  std::string name_;  // of the element, or the reference
  std::string attribute_;
  std::string alternative_;
  std::string end_of_raw_;
  std::size_t matched_ = 0;
};

HtmlText::HtmlText() : state_(std::make_unique<State>()) {}
HtmlText::~HtmlText() = default;
HtmlText::HtmlText(HtmlText&&) noexcept = default;
HtmlText& HtmlText::operator=(HtmlText&&) noexcept = default;
std::string HtmlText::feed(std::string_view utf8) {
  state_->take(utf8);
  return state_->given();
}
std::string HtmlText::finish() {
  state_->end();
  return state_->given();
}

}  // namespace mailpod::text
