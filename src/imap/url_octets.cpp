#include "url_octets.hpp"

#include <algorithm>

#include "section_octets.hpp"

namespace mailpod::imap {
namespace {

message::Range narrowed_by(const std::optional<MessageUrl::Partial>& partial, message::Range range) {
  return partial ? narrowed(range, partial->first, partial->count) : range;
}

}  // namespace

UrlOctets::UrlOctets(std::unique_ptr<store::StoredMessage> message, message::Range range)
    : message_(std::move(message)), range_(range), at_(range.begin) {}

UrlOctets::UrlOctets(std::string octets) : octets_(std::move(octets)), range_{0, octets_.size()} {}

std::string UrlOctets::next(std::size_t most) {
  const auto count = std::min<std::uint64_t>(most, range_.end - at_);
  auto piece = message_ ? read_range(*message_, {at_, at_ + count})
                        : octets_.substr(static_cast<std::size_t>(at_), static_cast<std::size_t>(count));
  at_ += piece.size();
  has_nul_ = has_nul_ || piece.find('\0') != std::string::npos;
  return piece;
}

Result<UrlOctets> open_url(store::Vault& vault, const store::VaultState& state, const MessageUrl& url,
                           std::string_view selected) {
  const auto mailbox = state.find(url.mailbox ? std::string_view(*url.mailbox) : selected);
  const bool named =
      mailbox && mailbox->selectable && (!url.uid_validity || *url.uid_validity == mailbox->uid_validity.value);
  const auto number = named ? mailbox->find({url.uid}) : std::nullopt;
  if (!number) return make_error_code(store::Errc::gone);
  const auto& listed = mailbox->at(*number);
  const auto structure = vault.structure(listed);
  if (!structure) return structure.error();
  const auto range = message::range_for(**structure, url.section.part, url.section.text);
  if (!range) return make_error_code(store::Errc::gone);
  auto message = vault.open_message(listed);
  if (!message) return message.error();
  if (url.section.fields == Section::Fields::all)
    return UrlOctets(std::move(*message), narrowed_by(url.partial, *range));
  const auto fields = read_wanted_fields(**message, *range, url.section);
  const auto part = narrowed_by(url.partial, {0, fields.size()});
  return UrlOctets(fields.substr(static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.size())));
}

}  // namespace mailpod::imap
