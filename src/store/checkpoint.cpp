#include "checkpoint.hpp"

#include <array>
#include <span>

#include <boost/endian/conversion.hpp>

namespace mailpod::store {
namespace {

constexpr std::uint8_t version = 1;

// Tags; never renumber.
constexpr std::uint8_t tag_numbers = 1;
constexpr std::uint8_t tag_object = 2;
constexpr std::uint8_t tag_mailbox = 3;
constexpr std::uint8_t tag_messages = 4;  // u32 mailbox, then 32 octets a message
constexpr std::uint8_t tag_expunged = 5;  // 16 octets an id
constexpr std::uint8_t tag_shared = 6;    // u64 record, u32 references
constexpr std::uint8_t tag_saved = 7;     // u32 mailbox, then u32 uid, u64 save date

constexpr std::size_t message_size = 32;
constexpr std::size_t shared_size = 12;
constexpr std::size_t saved_size = 12;
/// Octets of one part; well below what a record takes.
constexpr std::size_t part_limit = 64'000;

/// Distributes items over parts.
class Parts {
public:
  void add(std::uint8_t tag, std::string_view item) {
    const bool fits = part_.str().size() + 5 + item.size() <= part_limit;
    if (!fits) end_part();
    if (part_.str().empty()) part_.u8(version);
    part_.field(tag, item);
  }
  /// Room for an item in the present part.
  std::size_t room() const {
    const std::size_t used = part_.str().empty() ? 1 : part_.str().size();
    return used + 5 < part_limit ? part_limit - used - 5 : 0;
  }
  std::vector<std::string> take() {
    end_part();
    return std::move(parts_);
  }

private:
  void end_part() {
    if (!part_.str().empty()) parts_.push_back(part_.take());
    part_ = base::Encoder();
  }
  base::Encoder part_;
  std::vector<std::string> parts_;
};

void write_message(base::Encoder& out, const MessageState& message) {
  out.u32(message.uid.value).u32(message.flags.bits).u64(message.mod_seq.value).u32(message.size);
  out.u32(message.internal_date).u64(message.record);
}

/// Fixed-size entries behind a common prefix, in as many items as it takes.
class Entries {
public:
  Entries(Parts& parts, std::uint8_t tag, std::string prefix) : parts_(parts), tag_(tag), prefix_(std::move(prefix)) {
    begin();
  }
  ~Entries() { end(); }
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;

  /// Where the next entry, of `size` octets, is to be written.
  base::Encoder& next(std::size_t size) {
    if (item_.str().size() + size > limit_) {
      end();
      begin();
    }
    return item_;
  }

private:
  void begin() {
    item_ = base::Encoder();
    item_.fixed(prefix_);
    // A part with hardly any room left is not worth an item.
    limit_ = parts_.room() > 1024 ? parts_.room() : part_limit - 6;
  }
  void end() {
    if (item_.str().size() > prefix_.size()) parts_.add(tag_, item_.str());
  }
  Parts& parts_;
  std::uint8_t tag_;
  std::string prefix_;
  base::Encoder item_;
  std::size_t limit_ = 0;
};

/// Only of messages that were copied or moved: the others' stand in their ADD.
void write_save_dates(Parts& parts, const MailboxState& mailbox) {
  Entries saved(parts, tag_saved, base::Encoder().u32(mailbox.id.value).take());
  for (const auto& chunk : mailbox.chunks) {
    for (const auto& message : chunk->messages) {
      if (message.save_date != 0) saved.next(saved_size).u32(message.uid.value).u64(message.save_date);
    }
  }
}

/// What base::Decoder reads, without its looking whether it is there: a large vault's checkpoint holds millions of
/// them.
std::uint32_t u32_at(std::string_view octets, std::size_t at) {
  return boost::endian::load_big_u32(reinterpret_cast<const unsigned char*>(octets.data() + at));
}
std::uint64_t u64_at(std::string_view octets, std::size_t at) {
  return boost::endian::load_big_u64(reinterpret_cast<const unsigned char*>(octets.data() + at));
}

MessageState message_from(std::string_view entry) {
  MessageState message;
  message.uid = {u32_at(entry, 0)};
  message.flags = {u32_at(entry, 4)};
  message.mod_seq = {u64_at(entry, 8)};
  message.size = u32_at(entry, 16);
  message.internal_date = u32_at(entry, 20);
  message.record = u64_at(entry, 24);
  return message;
}

MailboxDraft::SaveDate save_date_from(std::string_view entry) {
  return {{u32_at(entry, 0)}, static_cast<std::uint32_t>(u64_at(entry, 4))};
}

/// Entries of one size behind a mailbox's id, some at a time: `read` makes a value of each, `take` takes a span of
/// them.
template <std::size_t Size, class Read, class Take>
bool read_entries(std::string_view item, Read read, Take take) {
  base::Decoder in(item);
  const MailboxId mailbox{in.u32()};
  std::string_view entries = in.rest();
  if (!in.ok() || entries.size() % Size != 0) return false;
  std::array<decltype(read(entries)), 128> some;
  while (!entries.empty()) {
    std::size_t count = 0;
    for (; count < some.size() && !entries.empty(); entries.remove_prefix(Size)) {
      some[count++] = read(entries.substr(0, Size));
    }
    if (!take(mailbox, std::span(some).first(count))) return false;
  }
  return true;
}

bool read_messages(std::string_view item, Change& change) {
  const auto take = [&](MailboxId mailbox, auto messages) { return change.append(mailbox, messages); };
  return read_entries<message_size>(item, message_from, take);
}

bool read_saved(std::string_view item, Change& change) {
  const auto take = [&](MailboxId mailbox, auto dates) { return change.set_save_dates(mailbox, dates); };
  return read_entries<saved_size>(item, save_date_from, take);
}

bool read_expunged(std::string_view item, Change& change) {
  base::Decoder in(item);
  while (in.ok() && !in.at_end()) change.set_expunged(in.fixed<16>());
  return in.ok();
}

bool read_shared(std::string_view item, Change& change) {
  base::Decoder in(item);
  while (in.ok() && !in.at_end()) {
    const std::uint64_t record = in.u64();
    change.set_shared(record, in.u32());
  }
  return in.ok();
}

}  // namespace

std::vector<std::string> write_checkpoint(const Listing& listing) {
  Parts parts;
  parts.add(tag_numbers, listing.numbers.encode());
  for (const auto& [name, content] : listing.objects) {
    parts.add(tag_object, ObjectRecord{name.first, name.second, content}.encode());
  }
  for (const auto& mailbox : listing.state->mailboxes) {
    MailboxRecord record = MailboxRecord::of(*mailbox);
    const Uid uid_next = record.uid_next;
    // The messages come after it and raise this again; it is repeated at their end for those that are gone.
    record.uid_next = {1};
    parts.add(tag_mailbox, record.encode());
    {
      Entries messages(parts, tag_messages, base::Encoder().u32(mailbox->id.value).take());
      for (const auto& chunk : mailbox->chunks) {
        for (const auto& message : chunk->messages) write_message(messages.next(message_size), message);
      }
    }
    write_save_dates(parts, *mailbox);
    record.uid_next = uid_next;
    parts.add(tag_mailbox, record.encode());
  }
  {
    Entries expunged(parts, tag_expunged, {});
    for (const auto& id : listing.expunged.all()) expunged.next(id.size()).fixed(id);
  }
  {
    Entries shared(parts, tag_shared, {});
    for (const auto& [record, references] : listing.shared) shared.next(shared_size).u64(record).u32(references);
  }
  return parts.take();
}

bool read_checkpoint_part(std::string_view part, Change& change) {
  base::Decoder in(part);
  if (in.u8() != version) return false;
  while (const auto item = in.field()) {
    bool sound = true;
    if (item->tag == tag_numbers) {
      const auto numbers = Numbers::decode(item->value);
      if (numbers) change.set_numbers(*numbers);
      sound = numbers.has_value();
    } else if (item->tag == tag_object) {
      const auto object = ObjectRecord::decode(item->value);
      sound = object && change.apply(*object);
    } else if (item->tag == tag_mailbox) {
      const auto mailbox = MailboxRecord::decode(item->value);
      sound = mailbox && change.apply(*mailbox);
    } else if (item->tag == tag_messages) {
      sound = read_messages(item->value, change);
    } else if (item->tag == tag_saved) {
      sound = read_saved(item->value, change);
    } else if (item->tag == tag_expunged) {
      sound = read_expunged(item->value, change);
    } else if (item->tag == tag_shared) {
      sound = read_shared(item->value, change);
    }
    if (!sound) return false;
  }
  return in.ok();
}

}  // namespace mailpod::store
