#include <algorithm>

#include "checkpoint.hpp"
#include "sealed_vault.hpp"

// A vault's journal, written anew with nothing in it but what is live. docs/storage-format.md, "rewriting".
namespace mailpod::store {
namespace {

void add_expunged(journal::Journal::Rewrite& rewrite, const Listing& listing) {
  ExpungeRecord record;
  const auto end = [&] {
    if (!record.entries.empty()) rewrite.add(static_cast<std::uint8_t>(RecordType::expunge), record.encode());
    record.entries.clear();
  };
  for (const auto& id : listing.expunged.all()) {
    record.entries.push_back({{}, id, true});
    if (record.entries.size() == ExpungeRecord::max_entries) end();
  }
  end();
}

}  // namespace

void SealedVault::rewrite_journal() {
  if (!untaken_steps_.empty()) return;  // recovery still needs the tail
  sync_folders();
  const auto rewrite = journal_->rewrite();
  const auto put = [&](RecordType type, const std::string& payload) {
    return rewrite->add(static_cast<std::uint8_t>(type), payload);
  };

  Listing fresh;
  Change change(fresh);
  Numbers numbers = listing_.numbers;
  numbers.adds = numbers.add_octets = 0;
  const ObjectRecord counted{static_cast<std::uint8_t>(ObjectKind::numbers), {}, numbers.encode()};
  put(RecordType::object, counted.encode());
  change.apply(counted);
  for (const auto& [name, content] : listing_.objects) {
    const ObjectRecord object{name.first, name.second, content};
    put(RecordType::object, object.encode());
    change.apply(object);
  }
  add_expunged(*rewrite, listing_);
  for (const auto& id : listing_.expunged.all()) change.set_expunged(id);

  // A mailbox's UIDs must come in ascending order, so records are written mailbox by mailbox; a message's first
  // standing carries its ADD, further ones are copies of it.
  struct Moved {
    std::uint64_t to = 0;  ///< record 0 is nowhere: the message stays listed, and reading it says that it is damaged
    std::uint64_t save_date = 0;  ///< as the old ADD said
  };
  std::unordered_map<std::uint64_t, Moved> moved;
  for (const auto& mailbox : listing_.state->mailboxes) {
    MailboxRecord made = MailboxRecord::of(*mailbox);
    const Uid uid_next = made.uid_next;
    made.uid_next = {1};
    put(RecordType::mailbox, made.encode());
    change.apply(made);
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        const auto known = moved.find(message.record);
        auto add = known == moved.end() ? read_add(message.record) : std::nullopt;
        if (add) {
          add->mailbox = mailbox->id;
          add->uid = message.uid;
          add->mod_seq = message.mod_seq;
          add->flags = message.flags;
          const std::uint64_t saved_first = add->save_date;
          if (message.save_date != 0) add->save_date = message.save_date;
          const std::string payload = add->encode();
          const auto position = put(RecordType::add, payload);
          change.apply(*add, position, payload.size());
          moved.emplace(message.record, Moved{position.value, saved_first});
          continue;
        }
        const Moved original = known == moved.end() ? Moved{} : known->second;
        CopyRecord copy;
        copy.to = mailbox->id;
        copy.mod_seq = message.mod_seq;
        copy.save_date = message.save_date != 0 ? message.save_date : original.save_date;
        copy.entries.push_back({{}, message.uid, message.flags, message.size, message.internal_date, original.to});
        put(RecordType::copy, copy.encode());
        change.apply_copy(copy);
      }
    }
    made.uid_next = uid_next;
    put(RecordType::mailbox, made.encode());
    change.apply(made);
  }
  change.publish();
  rewrite->install(write_checkpoint(fresh));
  listing_ = std::move(fresh);
}

}  // namespace mailpod::store
