#include <mailpod/message/header_edit.hpp>

#include <algorithm>
#include <utility>

#include <mailpod/text/ascii.hpp>

#include "header_reader.hpp"
#include "lexer.hpp"

namespace mailpod::message {
namespace {

/// The next line of `octets`, with its line end.
std::string_view first_line(std::string_view octets) {
  const auto line_feed = octets.find('\n');
  return octets.substr(0, line_feed == std::string_view::npos ? octets.size() : line_feed + 1);
}

bool is_blank(std::string_view line) {
  return line == "\r\n" || line == "\n";
}

/// The lines of the field that `octets` begins with: one, and its continuations.
std::string_view first_field(std::string_view octets) {
  std::size_t length = first_line(octets).size();
  while (length < octets.size() && text::octets::wsp.contains(octets[length])) {
    length += first_line(octets.substr(length)).size();
  }
  return octets.substr(0, length);
}

/// Whether an Authentication-Results value speaks in the name of `authserv_id`, or of nobody that can be read.
bool claims(std::string_view value, std::string_view authserv_id) {
  Lexer lexer(value);
  lexer.skip_cfws();
  static constexpr text::OctetSet ends = octets::fws | text::OctetSet(";(\"");
  const std::string id = lexer.in.next_is('"') ? lexer.quoted_string() : std::string(lexer.in.take_until(ends));
  return id.empty() || text::equal_fold(id, authserv_id);
}

/// One pass over one header.
class Editor {
public:
  explicit Editor(const HeaderEdit& edit) : edit_(edit), out_(edit.prepend) {}

  std::string run(std::string_view rest) {
    // A continuation that continues nothing would become part of what is written before it.
    while (!rest.empty() && text::octets::wsp.contains(rest.front())) rest.remove_prefix(first_line(rest).size());
    while (!rest.empty() && !is_blank(first_line(rest))) {
      const auto field = first_field(rest);
      rest.remove_prefix(field.size());
      if (!goes(field)) out_ += field;
    }
    if (!out_.empty() && out_.back() != '\n') out_ += "\r\n";
    if (!has_date_) add("Date", edit_.date_if_missing);
    if (!has_message_id_) add("Message-ID", edit_.message_id_if_missing);
    out_ += rest.empty() ? "\r\n" : rest;
    return std::move(out_);
  }

private:
  bool goes(std::string_view field) {
    const auto name = field_name(field);
    if (!name) return false;
    if (std::ranges::any_of(edit_.remove, [&](const auto& removed) { return text::equal_fold(removed, *name); })) {
      return true;
    }
    if (!edit_.forged_authserv_id.empty() && text::equal_fold(*name, "Authentication-Results")) {
      return claims(field.substr(field.find(':') + 1), edit_.forged_authserv_id);
    }
    if (text::equal_fold(*name, "Date")) has_date_ = true;
    if (text::equal_fold(*name, "Message-ID")) has_message_id_ = true;
    return false;
  }

  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) out_.append(name).append(": ").append(value).append("\r\n");
  }

  const HeaderEdit& edit_;
  std::string out_;
  bool has_date_ = false;
  bool has_message_id_ = false;
};

}  // namespace

Result<std::string> HeaderEdit::apply(std::string_view header, std::size_t limit) const {
  if (header.size() > limit) return Errc::too_large;
  return Editor(*this).run(header);
}

std::size_t header_length(std::string_view octets) {
  std::size_t length = 0;
  while (length < octets.size()) {
    const auto line = first_line(octets.substr(length));
    length += line.size();
    if (is_blank(line)) return length;
  }
  return std::string_view::npos;
}

std::string make_message_id(base::Entropy& entropy, std::string_view domain) {
  const auto random = entropy.bytes<16>();
  return '<' + base::hex(base::octets(random)) + '@' + std::string(domain) + '>';
}

}  // namespace mailpod::message
