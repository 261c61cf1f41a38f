#include "annotation_record.hpp"

#include <mailpod/crypto/digest.hpp>

namespace mailpod::store {
namespace {

/// An object's id, from what it is about.
base::ByteArray<16> id_of(std::string_view subject) {
  const auto digest = crypto::sha256(subject);
  return *base::byte_array<16>(base::octets(digest).substr(0, 16));
}

}  // namespace

std::string AnnotationRecord::encode() const {
  return base::Encoder().u32(mailbox.value).var(entry).var(value).take();
}

std::optional<AnnotationRecord> AnnotationRecord::decode(std::string_view content) {
  base::Decoder in(content);
  AnnotationRecord record;
  record.mailbox = {in.u32()};
  record.entry = in.var();
  record.value = in.var();
  while (in.field()) {
  }
  if (!in.ok()) return std::nullopt;
  return record;
}

ObjectRecord annotation_object(MailboxId mailbox, std::string_view entry, const std::optional<std::string>& value) {
  ObjectRecord object;
  object.kind = static_cast<std::uint8_t>(ObjectKind::annotation);
  object.id = id_of(base::Encoder().u32(mailbox.value).var(entry).str());
  if (value) object.content = AnnotationRecord{mailbox, std::string(entry), *value}.encode();
  return object;
}

ObjectRecord subscription_object(std::string_view name) {
  auto object = no_subscription_object(name);
  object.content = name;
  return object;
}

ObjectRecord no_subscription_object(std::string_view name) {
  ObjectRecord object;
  object.kind = static_cast<std::uint8_t>(ObjectKind::subscription);
  object.id = id_of(name);
  return object;
}

}  // namespace mailpod::store
