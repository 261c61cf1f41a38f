#include "append_grammar.hpp"

namespace mailpod::imap {
namespace {

using text::Cursor;

constexpr std::size_t longest_url = 4'096;  // octets; the answer repeats one that is bad

text::Parsed<MessageBegins> parse_flags_and_date(Cursor& in) {
  MessageBegins message;
  if (in.next_is('(')) {
    auto flags = parse_flag_list(in);
    if (flags.has_error()) return flags.error();
    message.flags = std::move(*flags);
    if (!in.take_space()) return in.error("SP and a message");
  }
  if (in.next_is('"')) {
    const auto date = parse_date_time(in);
    if (date.has_error()) return date.error();
    message.internal_date = *date;
    if (!in.take_space()) return in.error("SP and a message");
  }
  return message;
}

}  // namespace

text::Parsed<AppendGrammar::Stretch> AppendGrammar::read(Cursor& in) {
  Stretch stretch;
  if (utf8_is_open_ && !in.take(')')) return in.error("')' behind the literal");
  utf8_is_open_ = false;
  while (!stretch.literal_follows) {
    if (in_catenate_ && in.take(')')) {
      in_catenate_ = false;
      stretch.steps.emplace_back(MessageEnds());
      continue;
    }
    if (!in_catenate_ && in.at_end() && messages_ > 0) return stretch;
    if (!in.take_space()) return in.error(in_catenate_ ? "SP and a part, or ')'" : "SP and a message");
    const auto error = in_catenate_ ? read_part(in, stretch) : read_message(in, stretch);
    if (error) return *error;
  }
  if (!in.at_end()) return in.error("a message as a literal");
  return stretch;
}

bool AppendGrammar::awaits_literal(Cursor in) const {
  auto copy = *this;
  const auto stretch = copy.read(in);
  return stretch.has_value() && stretch->literal_follows;
}

AppendGrammar::MaybeError AppendGrammar::read_message(Cursor& in, Stretch& stretch) {
  if (messages_ == limits_.messages) return in.error("fewer messages");
  auto message = parse_flags_and_date(in);
  if (message.has_error()) return message.error();
  ++messages_;
  stretch.steps.emplace_back(std::move(*message));
  if (in.take("CATENATE")) {
    if (!in.take_space() || !in.take('(')) return in.error("SP and a list of parts");
    in_catenate_ = true;
    return read_part(in, stretch);
  }
  const auto error = in.take_word("UTF8") ? read_utf8(in, stretch) : read_literal(in, stretch);
  if (!error) stretch.steps.emplace_back(MessageEnds());
  return error;
}

AppendGrammar::MaybeError AppendGrammar::read_part(Cursor& in, Stretch& stretch) {
  if (in.take_word("UTF8")) return read_utf8(in, stretch);
  if (in.take_word("TEXT")) {
    if (!in.take_space()) return in.error("SP and a literal");
    return read_literal(in, stretch);
  }
  if (!in.take_word("URL")) return in.error("TEXT or URL");
  if (!in.take_space()) return in.error("SP and a URL");
  const auto start = in;
  auto url = parse_astring(in);
  if (url.has_error()) return url.error();
  if (url->size() > longest_url) return start.error("a shorter URL");
  if (const auto error = count_part(start)) return error;
  stretch.steps.emplace_back(UrlPart{std::move(*url)});
  return std::nullopt;
}

AppendGrammar::MaybeError AppendGrammar::read_literal(Cursor& in, Stretch& stretch) {
  const auto octets = in.take('~') ? LiteralPart::Octets::binary : LiteralPart::Octets::text;
  if (const auto error = count_part(in)) return error;
  stretch.steps.emplace_back(LiteralPart{octets, !in_catenate_});
  stretch.literal_follows = true;
  return std::nullopt;
}

/// `UTF8 (~{5}`; the parenthesis closes behind the literal.
AppendGrammar::MaybeError AppendGrammar::read_utf8(Cursor& in, Stretch& stretch) {
  if (!dialect_->enabled.utf8_accept) return in.error("UTF8 after ENABLE UTF8=ACCEPT only");
  if (!in.take_space() || !in.take('(') || !in.next_is('~')) return in.error("SP and a literal8 in parentheses");
  utf8_is_open_ = true;
  return read_literal(in, stretch);
}

AppendGrammar::MaybeError AppendGrammar::count_part(const Cursor& in) {
  if (parts_ == limits_.parts) return in.error("fewer parts");
  ++parts_;
  return std::nullopt;
}

}  // namespace mailpod::imap
