#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "block_converter.hpp"
#include "zip_files.hpp"

namespace mailpod::message {

/// What a person reads of the XML in an office document, piece by piece: white space folded to single spaces,
/// paragraphs and cells apart, `w<b>or</b>d` one word. Nothing is nested, nothing is fetched: a document type, and with
/// it every entity, ends it. Never fails; linear; memory does not grow.
class OfficeMarkup {
public:
  enum class Shown {
    all,     ///< OpenDocument: all characters
    in_runs  ///< Office Open XML: those in elements called t
  };
  explicit OfficeMarkup(Shown shown) : shown_(shown) {}
  /// `utf8` is well-formed and never ends within a character.
  void feed(std::string_view utf8, std::string& out);

private:
  enum class State { text, reference, tag, quoted, comment, instruction, over };
  void take(char octet, std::string& out);
  void take_text(char octet, std::string& out);
  void take_reference(char octet, std::string& out);
  void take_tag(char octet);
  void end_tag();
  void put(std::string_view characters, std::string& out);

  const Shown shown_;
  State state_ = State::text;
  std::string tag_;  ///< its first octets; of a comment or an instruction the last ones; a reference
  char quote_ = '"';
  bool empty_ = false;  ///< the tag's last octet so far was a slash
  bool in_run_ = false;
  bool gap_ = false;
};

/// The text of a document that is a ZIP archive of XML: of OpenDocument's content.xml; of Office Open XML a text with
/// its notes, comments, heads and feet, slides with their notes, and the words in a table's cells.
class OfficeText final : private ZipReader {
public:
  /// Borrowed.
  explicit OfficeText(AttachmentBudget& budget) : files_(budget, *this) {}
  OfficeText(const OfficeText&) = delete;
  OfficeText& operator=(const OfficeText&) = delete;

  std::string feed(std::string_view octets);
  std::string finish();
  bool is_over() const { return files_.is_over(); }

private:
  bool begin(std::string_view name) override;
  void more(std::string_view octets) override;
  void end() override;

  ZipFiles files_;
  std::optional<BlockConverter> characters_;
  std::optional<OfficeMarkup> markup_;
  std::string out_;
};

}  // namespace mailpod::message
