#include "log_records.hpp"

#include <mailpod/store/error.hpp>

namespace mailpod::store {
namespace {

// Tags of ADD; never renumber.
constexpr std::uint8_t add_structure = 1;
// Tags of MAILBOX; never renumber. A keyword is repeated, in the order of its bits.
constexpr std::uint8_t mailbox_name = 1;
constexpr std::uint8_t mailbox_keyword = 2;
constexpr std::uint8_t mailbox_expunged = 3;
// Marks of MAILBOX.
constexpr std::uint8_t mark_subscribed = 1;
constexpr std::uint8_t mark_selectable = 2;
constexpr std::uint8_t mark_deleted = 4;

/// Reads `u32 count` entries of a fixed size, and then nothing but tagged fields.
template <class Entry, class Read>
void read_entries(base::Decoder& in, std::vector<Entry>& entries, std::size_t size, Read read) {
  const std::uint32_t count = in.u32();
  if (in.rest().size() / size < count) {
    in.fail();
    return;
  }
  entries.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) entries.push_back(read());
}

void pass_over_fields(base::Decoder& in) {
  while (in.field()) {
  }
}

template <class Record>
Result<Record> checked(const base::Decoder& in, Record record) {
  if (!in.ok()) return make_error_code(Errc::damaged);
  return record;
}

}  // namespace

std::string AddRecord::encode() const {
  base::Encoder out;
  out.fixed(message).u32(mailbox.value).u32(uid.value).u64(mod_seq.value).u64(internal_date).u64(save_date);
  out.fixed(email_id).fixed(thread_id).fixed(sealed_hash).fixed(mail_hash).u64(size).u64(sealed_size);
  out.u32(payload_offset).u32(flags.bits).u32(wrap).var(file_key).u32(lease_epoch);
  out.u8(static_cast<std::uint8_t>(origin));
  if (!structure.empty()) out.field(add_structure, structure);
  return out.take();
}

Result<AddRecord> AddRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  AddRecord record;
  record.message = in.fixed<16>();
  record.mailbox = {in.u32()};
  record.uid = {in.u32()};
  record.mod_seq = {in.u64()};
  record.internal_date = in.u64();
  record.save_date = in.u64();
  record.email_id = in.fixed<16>();
  record.thread_id = in.fixed<16>();
  record.sealed_hash = in.fixed<32>();
  record.mail_hash = in.fixed<32>();
  record.size = in.u64();
  record.sealed_size = in.u64();
  record.payload_offset = in.u32();
  record.flags = {in.u32()};
  record.wrap = in.u32();
  record.file_key = in.var();
  record.lease_epoch = in.u32();
  record.origin = static_cast<Origin>(in.u8());
  while (const auto field = in.field()) {
    if (field->tag == add_structure) record.structure = field->value;
  }
  return checked(in, std::move(record));
}

std::string CopyRecord::encode() const {
  base::Encoder out;
  out.u32(from.value).u32(to.value).u64(mod_seq.value).u64(save_date).u32(static_cast<std::uint32_t>(entries.size()));
  for (const auto& entry : entries) {
    out.u32(entry.from.value).u32(entry.to.value).u32(entry.flags.bits).u32(entry.size).u32(entry.internal_date);
    out.u64(entry.record);
  }
  return out.take();
}

Result<CopyRecord> CopyRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  CopyRecord record;
  record.from = {in.u32()};
  record.to = {in.u32()};
  record.mod_seq = {in.u64()};
  record.save_date = in.u64();
  read_entries(in, record.entries, 28, [&in] {
    Entry entry;
    entry.from = {in.u32()};
    entry.to = {in.u32()};
    entry.flags = {in.u32()};
    entry.size = in.u32();
    entry.internal_date = in.u32();
    entry.record = in.u64();
    return entry;
  });
  pass_over_fields(in);
  return checked(in, std::move(record));
}

std::string FlagsRecord::encode() const {
  base::Encoder out;
  out.u32(mailbox.value).u64(mod_seq.value).u32(static_cast<std::uint32_t>(entries.size()));
  for (const auto& entry : entries) out.u32(entry.uid.value).u32(entry.flags.bits);
  return out.take();
}

Result<FlagsRecord> FlagsRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  FlagsRecord record;
  record.mailbox = {in.u32()};
  record.mod_seq = {in.u64()};
  read_entries(in, record.entries, 8, [&in] {
    const Uid uid{in.u32()};
    return Entry{uid, {in.u32()}};
  });
  pass_over_fields(in);
  return checked(in, std::move(record));
}

std::string ExpungeRecord::encode() const {
  base::Encoder out;
  out.u32(mailbox.value).u64(mod_seq.value).u32(static_cast<std::uint32_t>(entries.size()));
  for (const auto& entry : entries) out.u32(entry.uid.value).fixed(entry.message).u8(entry.last ? 1 : 0);
  return out.take();
}

Result<ExpungeRecord> ExpungeRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  ExpungeRecord record;
  record.mailbox = {in.u32()};
  record.mod_seq = {in.u64()};
  read_entries(in, record.entries, 21, [&in] {
    Entry entry;
    entry.uid = {in.u32()};
    entry.message = in.fixed<16>();
    entry.last = in.u8() != 0;
    return entry;
  });
  pass_over_fields(in);
  return checked(in, std::move(record));
}

MailboxRecord MailboxRecord::of(const MailboxState& state) {
  MailboxRecord record;
  record.id = state.id;
  record.uid_validity = state.uid_validity;
  record.uid_next = state.uid_next;
  record.mod_seq = state.highest_mod_seq;
  record.expunged = state.expunged_mod_seq;
  record.special_use = state.special_use;
  record.subscribed = state.subscribed;
  record.selectable = state.selectable;
  record.name = state.name;
  record.keywords = state.keywords;
  return record;
}

std::string MailboxRecord::encode() const {
  base::Encoder out;
  std::uint8_t marks = 0;
  if (subscribed) marks |= mark_subscribed;
  if (selectable) marks |= mark_selectable;
  if (deleted) marks |= mark_deleted;
  out.u32(id.value).u32(uid_validity.value).u32(uid_next.value).u64(mod_seq.value);
  out.u8(static_cast<std::uint8_t>(special_use)).u8(marks).field(mailbox_name, name);
  for (const auto& keyword : keywords) out.field(mailbox_keyword, keyword);
  out.field(mailbox_expunged, base::Encoder().u64(expunged.value).take());
  return out.take();
}

Result<MailboxRecord> MailboxRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  MailboxRecord record;
  record.id = {in.u32()};
  record.uid_validity = {in.u32()};
  record.uid_next = {in.u32()};
  record.mod_seq = {in.u64()};
  record.special_use = static_cast<SpecialUse>(in.u8());
  const std::uint8_t marks = in.u8();
  record.subscribed = (marks & mark_subscribed) != 0;
  record.selectable = (marks & mark_selectable) != 0;
  record.deleted = (marks & mark_deleted) != 0;
  record.expunged = record.mod_seq;
  while (const auto field = in.field()) {
    if (field->tag == mailbox_name) record.name = field->value;
    if (field->tag == mailbox_keyword) record.keywords.emplace_back(field->value);
    if (field->tag == mailbox_expunged) record.expunged = {base::Decoder(field->value).u64()};
  }
  return checked(in, std::move(record));
}

std::string ObjectRecord::encode() const {
  return base::Encoder().u8(kind).fixed(id).var(content).take();
}

Result<ObjectRecord> ObjectRecord::decode(std::string_view payload) {
  base::Decoder in(payload);
  ObjectRecord record;
  record.kind = in.u8();
  record.id = in.fixed<16>();
  record.content = in.var();
  pass_over_fields(in);
  return checked(in, std::move(record));
}

std::string Numbers::encode() const {
  base::Encoder out;
  out.u64(mod_seq).u32(uid_validity).u32(mailbox).u64(adds).u64(add_octets);
  return out.take();
}

Result<Numbers> Numbers::decode(std::string_view octets) {
  base::Decoder in(octets);
  Numbers numbers;
  numbers.mod_seq = in.u64();
  numbers.uid_validity = in.u32();
  numbers.mailbox = in.u32();
  numbers.adds = in.u64();
  numbers.add_octets = in.u64();
  pass_over_fields(in);
  return checked(in, numbers);
}

}  // namespace mailpod::store
