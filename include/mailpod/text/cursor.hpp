#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <boost/system/result.hpp>

namespace mailpod::text {

/// Where a peer's octets stopped making sense, and what the grammar wanted there.
struct ParseError {
  // A written constructor, for an aggregate is constructible from numbers and would leave Parsed<number> undecided.
  constexpr ParseError() = default;
  constexpr ParseError(std::size_t at, std::string_view wanted) : offset(at), expected(wanted) {}

  std::size_t offset = 0;     ///< octets from where the outermost Cursor began
  std::string_view expected;  ///< a string literal, for people: "a mailbox name"
};

/// Taking the value of a failed parse is a bug of ours: throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const ParseError& error, const boost::source_location& where);

/// What a parse_x function returns: the value, or where and why there is none.
template <class T>
using Parsed = boost::system::result<T, ParseError>;

/// A set of octets, as ABNF's %x41-5A / "-" describes one. Made at compile time.
class OctetSet {
public:
  constexpr OctetSet() = default;
  /// Exactly the octets of `listed`.
  constexpr explicit OctetSet(std::string_view listed) {
    for (const char octet : listed) add(static_cast<unsigned char>(octet));
  }
  /// `first` to `last`, both included.
  static constexpr OctetSet range(unsigned char first, unsigned char last) {
    OctetSet set;
    for (unsigned octet = first; octet <= last; ++octet) set.add(static_cast<unsigned char>(octet));
    return set;
  }
  constexpr bool contains(char octet) const {
    const auto index = static_cast<unsigned char>(octet);
    return (bits_[index / 64U] >> (index % 64U) & 1U) != 0;
  }
  friend constexpr OctetSet operator|(OctetSet left, const OctetSet& right) {
    for (std::size_t i = 0; i < 4; ++i) left.bits_[i] |= right.bits_[i];
    return left;
  }
  /// What is in `left` but not in `right`.
  friend constexpr OctetSet operator-(OctetSet left, const OctetSet& right) {
    for (std::size_t i = 0; i < 4; ++i) left.bits_[i] &= ~right.bits_[i];
    return left;
  }

private:
  constexpr void add(unsigned char octet) { bits_[octet / 64U] |= std::uint64_t{1} << (octet % 64U); }
  std::array<std::uint64_t, 4> bits_{};
};

/// The core rules of RFC 5234 Appendix B.1, and the sets several protocols share.
namespace octets {
inline constexpr OctetSet alpha = OctetSet::range('A', 'Z') | OctetSet::range('a', 'z');
inline constexpr OctetSet digit = OctetSet::range('0', '9');
inline constexpr OctetSet alnum = alpha | digit;
inline constexpr OctetSet hexdig = digit | OctetSet::range('A', 'F') | OctetSet::range('a', 'f');
inline constexpr OctetSet vchar = OctetSet::range(0x21, 0x7e);
inline constexpr OctetSet wsp = OctetSet(" \t");
inline constexpr OctetSet ctl = OctetSet::range(0x00, 0x1f) | OctetSet::range(0x7f, 0x7f);
/// RFC 5322 §3.2.3 atext.
inline constexpr OctetSet atext = alnum | OctetSet("!#$%&'*+-/=?^_`{|}~");
/// UTF8-non-ascii (RFC 6531 §3.3), octet by octet; validity is is_utf8()'s question.
inline constexpr OctetSet beyond_ascii = OctetSet::range(0x80, 0xff);
}  // namespace octets

/// A place in octets that ABNF describes, moving only forward.
///
/// Borrows the octets. The `take` functions consume what they name and say whether they did; when they did not, the
/// cursor has not moved, so alternatives are tried one after the other. To go back further, copy the cursor and assign
/// the copy. Every function is linear in what it consumes. A recursive rule must count its own depth.
///
///     Parsed<Rename> parse_rename(Cursor& in) {
///       if (!in.take_space()) return in.error("SP");
///       …
class Cursor {
public:
  /// `base` is added to offsets: for a cursor over a part of something larger.
  explicit Cursor(std::string_view octets, std::size_t base = 0) : octets_(octets), base_(base) {}

  bool at_end() const { return at_ == octets_.size(); }
  std::size_t offset() const { return base_ + at_; }
  std::string_view rest() const { return octets_.substr(at_); }

  /// The next octet, not consumed; nothing at the end.
  std::optional<char> peek() const { return at_end() ? std::nullopt : std::optional<char>(octets_[at_]); }
  bool next_is(char octet) const { return !at_end() && octets_[at_] == octet; }
  bool next_is(const OctetSet& set) const { return !at_end() && set.contains(octets_[at_]); }

  /// Exactly this octet.
  bool take(char octet);
  /// These octets, A–Z without regard to case, as ABNF compares a quoted literal (RFC 5234 §2.3).
  bool take(std::string_view literal);
  /// Any one octet of `set`.
  std::optional<char> take_one(const OctetSet& set);
  /// The longest run of octets of `set`, at most `limit` of them; possibly none.
  std::string_view take_while(const OctetSet& set, std::size_t limit = std::numeric_limits<std::size_t>::max());
  /// The longest run of octets outside `set`.
  std::string_view take_until(const OctetSet& set);
  /// Exactly `count` octets, whatever they are; nothing if fewer are left.
  std::optional<std::string_view> take_octets(std::size_t count);
  /// The literal, and then a boundary: the end or an octet outside `word`. Tells `TO` from `TOKEN`.
  bool take_word(std::string_view literal, const OctetSet& word = octets::alnum);

  bool take_space() { return take(' '); }
  bool take_crlf();
  /// Any SP and HTAB; how many.
  std::size_t skip_wsp() { return take_while(octets::wsp).size(); }

  /// 1*DIGIT of a value not above `max`; leading zeros are accepted.
  Parsed<std::uint64_t> number(std::uint64_t max = std::numeric_limits<std::uint64_t>::max());

  /// A ParseError here.
  ParseError error(std::string_view expected) const { return {offset(), expected}; }

private:
  std::string_view octets_;
  std::size_t at_ = 0;
  std::size_t base_ = 0;
};

}  // namespace mailpod::text
