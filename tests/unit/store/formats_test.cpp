#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <mailpod/crypto/age.hpp>
#include <mailpod/journal/journal.hpp>

#include "annotation_record.hpp"
#include "household.hpp"
#include "intent.hpp"
#include "sealed_file.hpp"
#include "usage_file.hpp"

// The stored formats as the first release wrote them, opened by today's program. With MAILPOD_WRITE_FORMATS set the
// files are written anew: for a new version, under a new number, never over these.
namespace mailpod::store::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path formats = fs::path(MAILPOD_SOURCE_DIR) / "tests/formats";
const bool writing = std::getenv("MAILPOD_WRITE_FORMATS") != nullptr;

std::string load(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void save(const fs::path& path, std::string_view octets) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

/// Keys that anybody may know.
struct Fixed {
  Fixed()
      : vault_key(std::make_shared<const crypto::VaultKey>(crypto::Key::copy_of(arena, std::string(32, 'v')))),
        pod_key(crypto::Key::copy_of(arena, std::string(32, 'p'))) {
    member.bytes = *base::byte_array<16>("a fixed member !");
    folder = "members/" + member.str();
  }
  Vault::Ports ports() { return {disk, clock, entropy, log, arena}; }
  std::unique_ptr<Vault> open(Vault::Settings settings = {}) {
    return Vault::open(ports(), folder, member, vault_key, pod_key.public_key(), settings).value();
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{2026};
  Lines log;
  crypto::KeyArena arena;
  std::shared_ptr<const crypto::VaultKey> vault_key;
  crypto::SigningKey pod_key;
  MemberId member;
  std::string folder;
};

/// Every record, a checkpoint with a tail behind it, a mail that waits in new/.
void live(Fixed& pod) {
  pod.disk.make_directory("members");
  const auto made = create_vault(pod.ports(), pod.folder, pod.member, *pod.vault_key, nullptr, 1);
  const auto archive = crypto::AgeIdentity::random(pod.arena, pod.entropy).recipient();
  const Card card{pod.member, made.drop_key_number, made.drop_recipient, archive.point};
  write_card(pod.disk, pod.folder, card, pod.pod_key);
  const auto deliver = [&](const std::string& content) {
    pod.clock.advance(std::chrono::seconds(10));
    const base::MemorySource octets(content);
    const auto structure = message::scan(content);
    Delivery delivery({pod.disk, pod.clock, pod.entropy, pod.pod_key});
    const Draft draft{octets,          structure, "sender@example.org", "member@example.com",
                      pod.clock.now(), "",        Flags::flagged,       "example.com; spf=pass"};
    delivery.prepare(pod.folder, card, draft).value();
    delivery.commit();
  };
  deliver(mail("delivered"));
  Vault::Settings settings;
  settings.checkpoint_tail = 6'000;
  const auto vault = pod.open(settings);
  Household::merge_all(*vault);
  vault->set_archive_recipient(archive).value();
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto trash = vault->state()->find("Trash")->id;
  for (const auto* subject : {"one", "two", "three", "four"}) {
    Household::append(*vault, mail(subject), "INBOX", {FlagChange::How::add, Flags::seen, {"$Label"}});
  }
  vault->copy(inbox, std::vector<Uid>{{1}, {2}}, vault->state()->find("Archive")->id).value();
  vault->move(inbox, std::vector<Uid>{{3}}, trash).value();
  vault->expunge(trash, std::vector<Uid>{{1}}, Vault::Expunge::all).value();
  vault->create_mailbox("a/b\xc3\xa9", SpecialUse::none).value();
  while (vault->state()->find("INBOX")->count < 8) Household::append(*vault, mail("more"));
  vault->change_flags(inbox, std::vector<Uid>{{2}}, {FlagChange::How::add, Flags::answered, {}}, std::nullopt).value();
  vault->move(inbox, std::vector<Uid>{{4}}, trash).value();
  vault->expunge(inbox, std::vector<Uid>{{5}}, Vault::Expunge::all).value();
  vault->delete_mailbox("Junk").value();
  vault->close();
  deliver(mail("waiting"));
}

std::string picture(Vault& vault) {
  std::string picture;
  const auto state = vault.state();
  for (const auto& mailbox : state->mailboxes) {
    picture += fmt::format("{} id={} validity={} next={} modseq={} use={} subscribed={} selectable={}", mailbox->name,
                           mailbox->id.value, mailbox->uid_validity.value, mailbox->uid_next.value,
                           mailbox->highest_mod_seq.value, static_cast<int>(mailbox->special_use), mailbox->subscribed,
                           mailbox->selectable);
    for (const auto& keyword : mailbox->keywords) picture += " " + keyword;
    picture += "\n";
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      picture += fmt::format(" {} flags={} modseq={} size={} date={} subject={}\n", message.uid.value,
                             message.flags.bits, message.mod_seq.value, message.size, message.internal_date,
                             vault.structure(message).value()->envelope.subject.value_or("-"));
    }
  }
  return picture;
}

/// Every message of every mailbox is what its subject says it is, to the octet. Answers how many there are.
std::size_t read_everything(Vault& vault) {
  std::size_t messages = 0;
  const auto state = vault.state();
  for (const auto& mailbox : state->mailboxes) {
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      const auto subject = vault.structure(message).value()->envelope.subject.value_or("-");
      EXPECT_EQ(Household::read(vault, message), mail(subject)) << mailbox->name << " " << n;
      ++messages;
    }
  }
  return messages;
}

/// What later versions write behind it: a record of each kind, and the whole journal anew.
void live_on(Vault& vault) {
  const auto inbox = vault.state()->find("INBOX")->id;
  const auto trash = vault.state()->find("Trash")->id;
  Household::append(vault, mail("afterwards"));
  vault.copy(inbox, std::vector<Uid>{{6}}, trash).value();
  vault.move(inbox, std::vector<Uid>{{7}}, trash).value();
  vault.expunge(inbox, std::vector<Uid>{{8}}, Vault::Expunge::all).value();
  vault.create_mailbox("new", SpecialUse::none).value();
  vault.change_flags(inbox, std::vector<Uid>{{9}}, {FlagChange::How::add, Flags::answered, {}}, std::nullopt).value();
  vault.close();
}

void copy_in(base::Disk& disk, const fs::path& from, const std::string& to) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string path = to + "/" + entry.path().filename().string();
    if (entry.is_directory()) {
      disk.make_directory(path);
      copy_in(disk, entry.path(), path);
    } else {
      disk.open(path, base::Disk::Open::create_new)->write_at(0, load(entry.path()));
    }
  }
}

TEST(Formats, VaultOfVersion1Opens) {
  const fs::path frozen = formats / "vault-1";
  if (writing) {
    Fixed pod;
    live(pod);
    for (const auto& path : pod.disk.files()) {
      const auto at = path.find(pod.folder);
      save(frozen / path.substr(at + pod.folder.size() + 1), base::read_file(pod.disk, path, 1 << 20));
    }
    save(formats / "vault-1.txt", picture(*pod.open()));
  }
  Fixed pod;
  pod.disk.make_directory("members");
  make_member_folder(pod.disk, pod.folder);
  copy_in(pod.disk, frozen, pod.folder);
  const auto vault = pod.open();
  EXPECT_EQ(picture(*vault), load(formats / "vault-1.txt"));
  // It does not say when something was last expunged: that may have been at any time.
  const auto trash = vault->state()->find("Trash");
  EXPECT_GE(trash->expunged_mod_seq.value, 1U);
  EXPECT_THAT(vault->check(), IsEmpty());
  EXPECT_THAT(pod.log.all, IsEmpty());
  EXPECT_THAT(Household::read_all(*vault, "Archive"), ElementsAre(mail("delivered"), mail("one")));
  EXPECT_EQ(read_everything(*vault), 9U);
  Household::merge_all(*vault);
  EXPECT_EQ(Household::read_all(*vault).back(), mail("waiting"));
  EXPECT_TRUE(read_card(pod.disk, pod.folder, pod.member, pod.pod_key.public_key())->archive_recipient);
  live_on(*vault);
  Vault::Settings rewriting;
  rewriting.rewrite_above = 1;
  for (const auto& settings : {Vault::Settings{}, rewriting, Vault::Settings{}}) {
    const auto again = pod.open(settings);
    EXPECT_THAT(again->check(), IsEmpty());
    EXPECT_EQ(read_everything(*again), 11U);
    again->close();
  }
}

SealedRecord full_record() {
  SealedRecord record;
  record.member.bytes = *base::byte_array<16>("a fixed member !");
  record.message = *base::byte_array<16>("a fixed message!");
  record.received = base::from_micros(1'767'225'600'123'456);
  record.size = 12'345;
  record.mail_hash.fill(7);
  record.reverse_path = "sender@example.org";
  record.recipient = "member@example.com";
  record.target_mailbox = "Junk";
  record.system_flags = Flags::seen | Flags::flagged;
  record.authentication_results = "example.com; spf=pass";
  record.structure = message::encode(message::scan(mail("frozen")));
  return record;
}

TEST(Formats, SealedRecordOfVersion1IsRead) {
  Fixed pod;
  if (writing) save(formats / "sealed-record-1.bin", full_record().encode(&pod.pod_key));
  const std::string frozen = load(formats / "sealed-record-1.bin");
  EXPECT_TRUE(is_signed_by(frozen, pod.pod_key.public_key()));
  const auto record = SealedRecord::decode(frozen).value();
  EXPECT_EQ(record.encode(&pod.pod_key), frozen);
  EXPECT_EQ(record.encode(nullptr), full_record().encode(nullptr));
}

TEST(Formats, EveryFlippedBitOfASealedRecordBreaksItsSignature) {
  Fixed pod;
  const std::string octets = full_record().encode(&pod.pod_key);
  for (std::size_t bit = 0; bit < octets.size() * 8; bit += 3) {
    std::string flipped = octets;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(is_signed_by(flipped, pod.pod_key.public_key())) << bit;
  }
}

TEST(Formats, SealedMessageOfVersion1Opens) {
  Fixed pod;
  const crypto::AgeIdentity drop(crypto::Key::copy_of(pod.arena, std::string(32, 'd')));
  std::string large = mail("sealed", std::string(150'000, 'x') + "\r\nthe end\r\n");
  if (writing) {
    const auto file = pod.disk.open("sealed", base::Disk::Open::create_new);
    const std::vector<crypto::AgeRecipient> recipients{drop.recipient()};
    write_sealed_file(*file, base::MemorySource(large), {pod.entropy, recipients, {}, [&](const crypto::Digest& hash) {
                                                           auto record = full_record();
                                                           record.size = large.size();
                                                           record.mail_hash = hash;
                                                           return record.encode(&pod.pod_key);
                                                         }});
    save(formats / "sealed-message-1.age", base::read_file(pod.disk, "sealed", 1 << 20));
  }
  const std::string frozen = load(formats / "sealed-message-1.age");
  const base::MemorySource file(frozen);
  std::vector<crypto::AgeIdentity> keys;
  keys.emplace_back(crypto::Key::copy_of(pod.arena, std::string(32, 'd')));
  const auto unlocked = unlock(file, keys).value();
  const auto record = SealedRecord::decode(read_sealed_record(file, unlocked).value()).value();
  EXPECT_EQ(record.size, large.size());
  EXPECT_TRUE(verify_mail(file, unlocked, record).has_value());
  const auto payload = crypto::AgePayload::open(file, unlocked.key, unlocked.payload_offset).value();
  std::string octets(large.size(), '\0');
  std::size_t done = 0;
  while (done < octets.size()) done += payload.read_at(done, std::span(octets).subspan(done)).value();
  EXPECT_EQ(octets, large);
}

TEST(Formats, CardOfVersion1IsRead) {
  Fixed pod;
  Card card{pod.member, 7, {}, base::ByteArray<32>{}};
  card.drop_recipient.fill(1);
  card.archive_recipient->fill(2);
  if (writing) {
    write_card(pod.disk, "", card, pod.pod_key);
    save(formats / "card-1.bin", base::read_file(pod.disk, "card", 4096));
  }
  pod.disk.make_directory("member");
  pod.disk.open("member/card", base::Disk::Open::create_new)->write_at(0, load(formats / "card-1.bin"));
  const auto read = read_card(pod.disk, "member", pod.member, pod.pod_key.public_key()).value();
  EXPECT_EQ(read.drop_key_number, 7U);
  EXPECT_EQ(read.drop_recipient, card.drop_recipient);
  EXPECT_EQ(read.archive_recipient, card.archive_recipient);
}

TEST(Formats, IntentOfVersion1IsRead) {
  Intent intent;
  for (const auto* member : {"a fixed member !", "another member !"}) {
    MemberId id{*base::byte_array<16>(member)};
    intent.moves.push_back({id, {*base::byte_array<16>("a fixed message!"), base::from_seconds(1'767'225'600), true}});
  }
  if (writing) save(formats / "intent-1.bin", intent.encode());
  const auto read = Intent::decode(load(formats / "intent-1.bin")).value();
  ASSERT_EQ(read.moves.size(), 2U);
  EXPECT_EQ(read.moves[1].member, intent.moves[1].member);
  EXPECT_EQ(read.moves[1].name.str(), intent.moves[1].name.str());
}

TEST(Formats, AMailboxThatKnowsItsLastExpungeIsRead) {
  MailboxRecord mailbox;
  mailbox.id = {7};
  mailbox.uid_validity = {77};
  mailbox.uid_next = {20};
  mailbox.mod_seq = {1000};
  mailbox.expunged = {900};
  mailbox.special_use = SpecialUse::archive;
  mailbox.subscribed = true;
  mailbox.name = "Archive/2026";
  mailbox.keywords = {"$Forwarded", "work"};
  if (writing) save(formats / "mailbox-1-expunged.bin", mailbox.encode());
  const auto octets = load(formats / "mailbox-1-expunged.bin");
  EXPECT_EQ(mailbox.encode(), octets);
  const auto read = MailboxRecord::decode(octets).value();
  EXPECT_EQ(read.expunged, ModSeq{900});
  EXPECT_EQ(read.name, mailbox.name);
  EXPECT_EQ(read.keywords, mailbox.keywords);
  // As it was written until 2026: without the last field.
  const auto before = MailboxRecord::decode(octets.substr(0, octets.size() - 13)).value();
  EXPECT_EQ(before.expunged, ModSeq{1000});
  EXPECT_EQ(before.keywords, mailbox.keywords);
}

TEST(Formats, AnnotationsAndSubscribedNamesAreRead) {
  const auto annotation = annotation_object({7}, "/private/comment", std::string("a\0value", 7));
  const auto subscription = subscription_object("caf\xc3\xa9/gone");
  if (writing) {
    save(formats / "annotation-1.bin", annotation.encode());
    save(formats / "subscription-1.bin", subscription.encode());
  }
  const auto read = ObjectRecord::decode(load(formats / "annotation-1.bin")).value();
  EXPECT_EQ(read.kind, 4);
  EXPECT_EQ(read.id, annotation.id);
  const auto said = AnnotationRecord::decode(read.content).value();
  EXPECT_EQ(said.mailbox, MailboxId{7});
  EXPECT_EQ(said.entry, "/private/comment");
  EXPECT_EQ(said.value, std::string("a\0value", 7));
  const auto name = ObjectRecord::decode(load(formats / "subscription-1.bin")).value();
  EXPECT_EQ(name.kind, 5);
  EXPECT_EQ(name.id, subscription.id);
  EXPECT_EQ(name.content, "caf\xc3\xa9/gone");
}

TEST(Formats, WhatAClosedVaultHeldIsRead) {
  Fixed pod;
  pod.disk.make_directory("members");
  make_member_folder(pod.disk, pod.folder);
  const auto key = std::make_shared<const crypto::Key>(crypto::Key::copy_of(pod.arena, std::string(32, 's')));
  const UsagePlace place{pod.disk, pod.folder, pod.member, key};
  {
    const auto segment = pod.disk.open(pod.folder + "/log/00000001.seg", base::Disk::Open::create_new);
    segment->write_at(0, "as long as this");
  }
  const Usage usage{123'456, 78};
  if (writing) {
    keep_usage(place, pod.entropy, usage);
    save(formats / "usage-1.bin", base::read_file(pod.disk, pod.folder + "/usage", 1000));
  }
  base::replace_file(pod.disk, pod.folder + "/usage", load(formats / "usage-1.bin"));
  EXPECT_EQ(kept_usage(place), usage);
}

}  // namespace
}  // namespace mailpod::store::test
