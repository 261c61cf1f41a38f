#include <mailpod/text/toml.hpp>

#include <stdexcept>

#include <fmt/format.h>

#include "toml_parser.hpp"

namespace mailpod::text {
namespace {

std::string escaped(std::string_view utf8, std::string_view also_plain) {
  std::string out;
  for (const char octet : utf8) {
    const auto code = static_cast<unsigned char>(octet);
    if (octet == '"' || octet == '\\') {
      out += '\\';
      out += octet;
    } else if ((code < 0x20 || code == 0x7f) && also_plain.find(octet) == std::string_view::npos) {
      out += fmt::format("\\u{:04X}", code);
    } else {
      out += octet;
    }
  }
  return out;
}

}  // namespace

void throw_exception_from_error(const TomlFault& fault, const boost::source_location&) {
  throw std::logic_error("there is no table: " + fault.what);
}

boost::system::result<TomlTable, TomlFault> parse_toml(std::string_view text, TomlSections sections) {
  TomlParser parser(text, sections);
  TomlTable root;
  if (parser.parse(root)) return root;
  return TomlFault{parser.line(), parser.what()};
}

std::string quoted(std::string_view utf8) {
  return '"' + escaped(utf8, "") + '"';
}

std::string quoted_lines(std::string_view utf8) {
  return "\"\"\"\n" + escaped(utf8, "\n\t") + "\"\"\"";
}

}  // namespace mailpod::text
