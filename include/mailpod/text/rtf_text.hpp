#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::text {

/// What a person reads of a document in Rich Text Format (1.9.1), piece by piece: its characters without control words,
/// tables of fonts and styles, pictures and embedded objects; paragraphs, cells and tabs as white space. Characters by
/// \u, or by the document's code page, windows-1252 if it names none; code pages of single fonts are not followed.
///
/// Made for search. Never fails; what does not begin with `{\rtf` has no text, and what lies deeper than 200 groups
/// ends it. Linear; memory does not grow with the input. Not shared between threads.
class RtfText {
public:
  /// UTF-8 that these octets completed; never ends within a character.
  std::string feed(std::string_view octets);
  /// What was still held back.
  std::string finish();
  /// Whatever follows, there is no more text.
  bool is_over() const { return state_ == State::over; }

private:
  enum class State { magic, text, backslash, word, number, hex, binary, over };
  struct Group {
    bool hidden = false;
    std::uint32_t fallback = 1;  ///< characters that stand beside one of \u, for programs that do not know it
  };

  void take(char octet);
  void take_magic(char octet);
  void take_text(char octet);
  void take_backslash(char octet);
  void take_word(char octet);
  void take_number(char octet);
  void take_hex(char octet);
  void end_word();
  void open();
  void close();
  void put_octet(char octet);
  void put_unit(std::uint32_t unit);
  void put(std::string_view utf8);
  void end_octets();

  State state_ = State::magic;
  std::vector<Group> groups_;
  std::string word_;    ///< of the control word, or what was read of the magic
  std::string number_;  ///< of the control word, or hexadecimal digits
  std::uint64_t binary_ = 0;
  std::uint32_t skipped_ = 0;    ///< characters to pass over after one of \u
  std::uint32_t high_unit_ = 0;  ///< the first half of a character beyond the basic plane
  std::string octets_;           ///< in the code page, not converted yet
  std::string code_page_ = "windows-1252";
  std::string out_;
};

}  // namespace mailpod::text
