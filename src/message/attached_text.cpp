#include <mailpod/message/attached_text.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include <mailpod/message/decoded_text.hpp>
#include <mailpod/text/rtf_text.hpp>

#include "office_text.hpp"
#include "read_text.hpp"

namespace mailpod::message {

/// Of text and HTML, ReadText removes the transfer encoding itself.
class AttachedText::State {
public:
  State(AttachedForm form, const Part& part, AttachmentBudget& budget)
      : budget_(budget), octets_(part.transfer_encoding) {
    switch (form) {
      case AttachedForm::text:
      case AttachedForm::html:
        readable_.emplace(part, form == AttachedForm::html);
        break;
      case AttachedForm::rtf:
        rtf_.emplace();
        break;
      case AttachedForm::office:
        office_ = std::make_unique<OfficeText>(budget);
        break;
    }
  }

  std::string feed(std::string_view octets) {
    octets = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(budget_.octets, octets.size())));
    budget_.octets -= octets.size();
    return readable_ ? readable_->feed(octets) : read(octets_.feed(octets));
  }

  std::string finish() {
    if (readable_) return readable_->finish();
    auto text = read(octets_.finish());
    return text + (rtf_ ? rtf_->finish() : office_->finish());
  }

  bool is_over() const {
    return budget_.octets == 0 || (rtf_ && rtf_->is_over()) || (office_ != nullptr && office_->is_over());
  }

private:
  std::string read(const std::string& octets) { return rtf_ ? rtf_->feed(octets) : office_->feed(octets); }

  AttachmentBudget& budget_;
  DecodedOctets octets_;
  std::optional<ReadText> readable_;
  std::optional<text::RtfText> rtf_;
  std::unique_ptr<OfficeText> office_;
};

AttachedText::AttachedText(AttachedForm form, const Part& part, AttachmentBudget& budget)
    : state_(std::make_unique<State>(form, part, budget)) {}
AttachedText::~AttachedText() = default;
AttachedText::AttachedText(AttachedText&&) noexcept = default;
AttachedText& AttachedText::operator=(AttachedText&&) noexcept = default;
std::string AttachedText::feed(std::string_view octets) {
  return state_->feed(octets);
}
std::string AttachedText::finish() {
  return state_->finish();
}
bool AttachedText::is_over() const {
  return state_->is_over();
}

}  // namespace mailpod::message
