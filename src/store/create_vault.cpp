#include <mailpod/journal/journal.hpp>
#include <mailpod/store/vaults.hpp>

#include "drop_key.hpp"
#include "log_records.hpp"
#include "maildir.hpp"

namespace mailpod::store {
namespace {

struct Standard {
  const char* name;
  SpecialUse use;
};
constexpr Standard standard_mailboxes[] = {
    {"INBOX", SpecialUse::none}, {"Archive", SpecialUse::archive}, {"Drafts", SpecialUse::drafts},
    {"Junk", SpecialUse::junk},  {"Sent", SpecialUse::sent},       {"Trash", SpecialUse::trash},
};

}  // namespace

NewVault create_vault(const Vault::Ports& ports, const std::string& folder, MemberId member,
                      const crypto::VaultKey& key, const crypto::Key* earlier_drop_secret,
                      std::uint32_t drop_key_number) {
  make_member_folder(ports.disk, folder);
  const auto drop_seal = key.derive(drop_label);
  const auto drop_key = crypto::AgeIdentity::random(ports.arena, ports.entropy);
  const auto now = ports.clock.now();
  const auto journal =
      journal::Journal::create({ports.disk, ports.entropy},
                               {Maildir(folder).log(), std::string(base::octets(member.bytes))}, key.derive(log_label));
  const auto stage = [&](RecordType type, const std::string& payload) {
    journal->stage(static_cast<std::uint8_t>(type), payload);
  };
  const auto stage_key = [&](std::uint32_t number, const crypto::Key& secret) {
    stage(RecordType::object, write_drop_key({member, number}, secret, drop_seal, ports.entropy, now).encode());
  };
  stage_key(drop_key_number, drop_key.secret());
  // The one before the newest: what was sealed before enrolment is merged with it.
  if (earlier_drop_secret != nullptr) stage_key(drop_key_number - 1, *earlier_drop_secret);

  auto uid_validity = static_cast<std::uint32_t>(base::to_seconds(now));
  std::uint32_t id = 0;
  for (const auto& standard : standard_mailboxes) {
    MailboxRecord mailbox;
    mailbox.id = {++id};
    mailbox.uid_validity = {uid_validity++};
    mailbox.mod_seq = {1};
    mailbox.special_use = standard.use;
    mailbox.subscribed = true;
    mailbox.name = standard.name;
    stage(RecordType::mailbox, mailbox.encode());
  }
  // Again, far from the first: without its drop key a vault could take no more mail, whatever else is sound.
  stage_key(drop_key_number, drop_key.secret());
  if (earlier_drop_secret != nullptr) stage_key(drop_key_number - 1, *earlier_drop_secret);
  journal->commit();
  journal->close();
  return {drop_key_number, drop_key.recipient().point};
}

}  // namespace mailpod::store
