#include <mailpod/mailauth/tag_list.hpp>

#include <algorithm>

namespace mailpod::mailauth {

namespace {

using text::Cursor;
namespace octets = text::octets;

constexpr text::OctetSet name_octets = octets::alnum | text::OctetSet("_");
constexpr text::OctetSet value_octets = octets::vchar - text::OctetSet(";");
constexpr std::size_t line_limit = 78;  // octets: RFC 5322 §2.1.1

/// FWS: white space, and a CRLF only where white space follows it. RFC 6376 §2.8.
void skip_fws(Cursor& in) {
  in.skip_wsp();
  while (true) {
    Cursor ahead = in;
    if (!ahead.take_crlf() || ahead.skip_wsp() == 0) return;
    in = ahead;
  }
}

text::Parsed<Tag> parse_tag(Cursor& in, std::string_view list) {
  Tag tag;
  skip_fws(in);
  const std::size_t name = in.offset();
  if (!in.take_one(octets::alpha)) return in.error("the name of a tag");
  in.take_while(name_octets);
  tag.name = list.substr(name, in.offset() - name);
  skip_fws(in);
  if (!in.take('=')) return in.error("=");
  tag.begin = in.offset();
  skip_fws(in);
  const std::size_t value = in.offset();
  std::size_t value_end = value;
  while (!in.take_while(value_octets).empty()) {
    value_end = in.offset();
    skip_fws(in);
  }
  tag.value = list.substr(value, value_end - value);
  tag.end = in.offset();
  return tag;
}

}  // namespace

text::Parsed<TagList> TagList::parse(std::string_view octets, const Settings& limits) {
  Cursor in(octets);
  if (octets.size() > limits.octets) return in.error("a shorter list");
  TagList list;
  do {
    const auto tag = parse_tag(in, octets);
    if (!tag) return tag.error();
    if (list.find(tag->name) != nullptr) return in.error("another name");
    if (list.tags_.size() == limits.tags) return in.error("fewer tags");
    list.tags_.push_back(*tag);
    if (in.at_end()) return list;
    if (!in.take(';')) return in.error(";");
    // The list may end with a semicolon.
    Cursor ahead = in;
    skip_fws(ahead);
    if (ahead.at_end()) return list;
  } while (true);
}

const Tag* TagList::find(std::string_view name) const {
  const auto found = std::ranges::find(tags_, name, &Tag::name);
  return found == tags_.end() ? nullptr : &*found;
}

std::string without_white_space(std::string_view value) {
  constexpr text::OctetSet white_space(" \t\r\n");
  std::string out;
  out.reserve(value.size());
  std::ranges::copy_if(value, std::back_inserter(out), [&](char octet) { return !white_space.contains(octet); });
  return out;
}

TagListWriter::TagListWriter(std::string_view field_name) : out_(field_name) {
  out_ += ':';
  column_ = out_.size();
}

TagListWriter& TagListWriter::word(std::string_view name, std::string_view value) {
  next_tag();
  place(' ' + std::string(name) + '=' + std::string(value));
  return *this;
}

TagListWriter& TagListWriter::colon_list(std::string_view name, std::span<const std::string> items) {
  next_tag();
  std::string piece = ' ' + std::string(name) + '=';
  for (std::size_t i = 0; i < items.size(); ++i) {
    piece += items[i];
    if (i + 1 < items.size()) piece += ':';
    place(piece);
    piece.clear();
  }
  return *this;
}

TagListWriter& TagListWriter::open(std::string_view name) {
  next_tag();
  fold();
  out_.append(name) += '=';
  column_ += name.size() + 1;
  return *this;
}

TagListWriter& TagListWriter::base64(std::string_view digits) {
  while (!digits.empty()) {
    if (column_ >= line_limit) fold();
    const auto piece = digits.substr(0, line_limit - column_);
    out_ += piece;
    column_ += piece.size();
    digits.remove_prefix(piece.size());
  }
  return *this;
}

void TagListWriter::next_tag() {
  if (!first_) {
    out_ += ';';
    ++column_;
  }
  first_ = false;
}

/// On this line, with room for the semicolon that may follow it, or on the next.
void TagListWriter::place(std::string_view piece) {
  if (column_ + piece.size() >= line_limit) {
    fold();
    if (piece.starts_with(' ')) piece.remove_prefix(1);
  }
  out_ += piece;
  column_ += piece.size();
}

void TagListWriter::fold() {
  out_ += "\r\n ";
  column_ = 1;
}

}  // namespace mailpod::mailauth
