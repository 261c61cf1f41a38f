#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/text/cursor.hpp>

/// `name=value; name=value`, as DKIM and ARC say things in header fields and DNS records. RFC 6376 §3.2.
namespace mailpod::mailauth {

struct Tag {
  std::string_view name;   ///< as written: names are compared with their case
  std::string_view value;  ///< white space and folds within it as they came; none around it
  std::size_t begin = 0;   ///< where in the list the value begins, the white space before it included
  std::size_t end = 0;     ///< and where it ends, the white space behind it included
};

/// A list that was read. Borrows the octets.
class TagList {
public:
  struct Settings {
    std::size_t octets = 64 * 1024;  ///< a signature of 16,384 bits and a hundred field names are 5,000
    std::size_t tags = 64;           ///< no standard defines half as many for one place
  };

  /// A list in which a name stands twice is none.
  static text::Parsed<TagList> parse(std::string_view octets, const Settings& limits);
  static text::Parsed<TagList> parse(std::string_view octets) { return parse(octets, Settings()); }

  /// nullptr if the name does not occur.
  const Tag* find(std::string_view name) const;
  std::span<const Tag> tags() const { return tags_; }

private:
  std::vector<Tag> tags_;
};

/// `value` without any white space and folds, as base64 in tags is read.
std::string without_white_space(std::string_view value);

/// Writes a header field whose value is a tag list, folded so that no line is longer than 78 octets unless one word is.
/// Names and values are our own: nothing is escaped.
class TagListWriter {
public:
  explicit TagListWriter(std::string_view field_name);

  /// A value that stays on one line.
  TagListWriter& word(std::string_view name, std::string_view value);
  /// `a:b:c`, folded behind colons.
  TagListWriter& colon_list(std::string_view name, std::span<const std::string> items);
  /// An empty value on a new line: the field's last, which base64() fills.
  TagListWriter& open(std::string_view name);
  /// Continues the last value, folded anywhere.
  TagListWriter& base64(std::string_view digits);

  /// The field so far, without its last CRLF.
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

private:
  void next_tag();
  void place(std::string_view piece);
  void fold();

  std::string out_;
  std::size_t column_ = 0;
  bool first_ = true;
};

}  // namespace mailpod::mailauth
