#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

#include <mailpod/base/ports.hpp>

/// The part of TOML 1.0 that charters, acts and mailpod.toml are written in, read in one strict way.
namespace mailpod::text {

struct TomlValue;

/// A table of a TOML document, with the line it begins on.
struct TomlTable {
  std::map<std::string, TomlValue, std::less<>> entries;
  std::size_t line = 0;
};

/// A kind of value that nobody here uses: a float, a local date or time, a time with an offset or a fraction …
struct TomlForeign {};

/// A value, with its line. Date-times are kept only in one form: UTC, whole seconds.
struct TomlValue {
  std::variant<TomlForeign, bool, std::int64_t, std::string, base::Time, std::vector<TomlValue>, TomlTable> value;
  std::size_t line = 0;
  bool from_header = false;  ///< an entry of `[[section]]`, not of a list in brackets
};

/// What is wrong with a document, for a person, and on which line, from 1.
struct TomlFault {
  std::size_t line = 0;
  std::string what;
};
/// Taking the table of a document that has none is a bug of ours: throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const TomlFault& fault, const boost::source_location& where);

/// How sections may be named: `[section]`, or `[section.below]` too. A name with dots is kept whole, as the name of one
/// section.
enum class TomlSections { plain, dotted };

/// Bare keys, `[section]` and `[[section]]`, strings of all four kinds, whole numbers in decimal, booleans, UTC times
/// in whole seconds, arrays of at most four levels. What else TOML knows is refused, or kept as TomlForeign for the
/// caller to complain of. `text` must be UTF-8 with lines that end in LF; of any length, in linear time.
boost::system::result<TomlTable, TomlFault> parse_toml(std::string_view text, TomlSections sections);

/// A basic string, quoted and escaped, on one line.
std::string quoted(std::string_view utf8);
/// A multi-line basic string that starts on a line of its own.
std::string quoted_lines(std::string_view utf8);

}  // namespace mailpod::text
