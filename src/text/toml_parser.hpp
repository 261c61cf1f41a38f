#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/text/toml.hpp>

namespace mailpod::text {

/// Reads a document front to back, once. Everything it takes means in TOML what it says here.
///
/// No library is let near these octets: charters and acts come from strangers, and version 3.3 of toml++ runs into
/// undefined behaviour on some inputs and out of stack on others.
class TomlParser {
public:
  /// `text` is borrowed.
  TomlParser(std::string_view text, TomlSections sections) : rest_(text), sections_(sections) {}

  /// False once something is not as it must be; then what() and line() say it.
  bool parse(TomlTable& root);
  const std::string& what() const { return what_; }
  std::size_t line() const { return line_; }

private:
  static constexpr int deepest_array = 4;
  static constexpr std::size_t most_items = 10'000;

  bool fail(std::string what);
  bool statement(TomlTable& root, TomlTable*& current);
  bool header(TomlTable& root, TomlTable*& current);
  bool key(std::string& into);
  bool section_name(std::string& into);
  bool value(TomlValue& into, int depth);
  bool array(TomlValue& into, int depth);
  bool scalar(TomlValue& into);
  bool basic_string(std::string& into);
  bool literal_string(std::string& into);
  bool closing_quotes(std::string& into, char quote, bool& closed);
  bool plain_character(std::string& into, std::string_view line_ends);
  bool escape(std::string& into, std::string_view line_ends);
  bool code_point(std::string& into, std::size_t digits);
  bool end_of_line();
  void skip_spaces();
  bool skip_space_and_lines();

  bool starts_with(std::string_view text) const { return rest_.starts_with(text); }
  bool take(std::string_view text);
  char next();

  std::string_view rest_;
  TomlSections sections_;
  std::size_t line_ = 1;
  std::string what_;
};

}  // namespace mailpod::text
