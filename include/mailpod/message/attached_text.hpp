#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// What may still be read of the attachments of one message, all of them together. What lies beyond is not searched:
/// the same octets always end at the same place, so that index and scan agree.
struct AttachmentBudget {
  std::uint64_t octets = 32 << 20;    ///< of attachments, in their transfer encoding
  std::uint64_t unpacked = 32 << 20;  ///< of what ZIP archives hold
  std::uint32_t files = 4'000;        ///< in ZIP archives
};

/// In which form a part that is not of type text carries text. By its type; where that says nothing
/// (application/octet-stream), by the end of its file name.
enum class AttachedForm {
  text,    ///< as it is: JSON, XML, calendars, delivery reports
  html,    ///< what a person reads of it
  rtf,     ///< Rich Text Format; of text/rtf too
  office,  ///< a ZIP archive of XML: OpenDocument (ISO/IEC 26300), Office Open XML (ECMA-376)
};
/// Nothing: none that is known. Multiparts and messages have none; their parts are looked at.
std::optional<AttachedForm> attached_form(const Part& part);

/// The file name that a part is given, as UTF-8; empty if it has none.
std::string attached_name(const Part& part);

/// The text of one attachment as UTF-8, piece by piece. Made for search: what is malformed or beyond the budget is left
/// out. Never fails; linear in the octets and in what they unpack to. Holds no more than 1 MiB beside what it gives,
/// which of a ZIP archive may be a thousand times what it is fed. Not shared between threads.
class AttachedText {
public:
  /// `budget` is borrowed, and used up.
  AttachedText(AttachedForm form, const Part& part, AttachmentBudget& budget);
  ~AttachedText();
  AttachedText(AttachedText&&) noexcept;
  AttachedText& operator=(AttachedText&&) noexcept;

  /// Octets of the part's body, in any pieces. What it gives never ends within a character.
  std::string feed(std::string_view octets);
  /// What was still held back.
  std::string finish();
  /// Whatever follows, there is no more text.
  bool is_over() const;

private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::message
