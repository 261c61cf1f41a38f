#include <algorithm>
#include <limits>
#include <set>

#include <mailpod/store/letterbox.hpp>

#include "intent.hpp"
#include "maildir.hpp"
#include "sealed_file.hpp"
#include "vanishing.hpp"

namespace mailpod::store {
namespace {

/// What the record keeps of what delivery hands in; the journal copies it into one record of 64 KiB.
constexpr std::size_t address_limit = 2 * 1024;
constexpr std::size_t authentication_results_limit = 8 * 1024;
constexpr std::size_t mailbox_name_limit = 1'000;

std::string cut(std::string_view text, std::size_t limit) {
  return std::string(text.substr(0, limit));
}

SealedRecord record_for(const Draft& draft, const Card& card, const MessageId& id) {
  SealedRecord record;
  record.origin = Origin::delivered;
  record.member = card.member;
  record.message = id;
  record.received = draft.received;
  record.size = draft.octets.size();
  record.reverse_path = cut(draft.reverse_path, address_limit);
  record.recipient = cut(draft.recipient, address_limit);
  record.target_mailbox = cut(draft.target_mailbox, mailbox_name_limit);
  record.system_flags = draft.system_flags & Flags::system;
  record.authentication_results = cut(draft.authentication_results, authentication_results_limit);
  // A structure beyond the limit is scanned anew when somebody asks for it.
  if (auto encoded = message::encode_within(draft.structure)) record.structure = std::move(*encoded);
  return record;
}

}  // namespace

struct Delivery::Prepared {
  Maildir maildir;
  MemberId member;
  UnfinishedName name;
  Arrival arrival;

  std::string path() const { return base::join(maildir.tmp(), name.str()); }
};

Delivery::Delivery(Ports ports) : ports_(ports) {}

Delivery::~Delivery() {
  for (const auto& prepared : prepared_) {
    try {
      ports_.disk.unlink(prepared.path());
    } catch (const std::exception&) {
      // The vault, or the next start, removes it.
    }
  }
}

Status Delivery::prepare(const std::string& folder, const Card& card, const Draft& draft) {
  if (draft.octets.size() > std::numeric_limits<std::uint32_t>::max()) return make_error_code(Errc::too_big);
  // Marked, so that no vault takes it for an APPEND that came to nothing.
  const auto name = draft.message ? *draft.message : ports_.entropy.bytes<16>();
  prepared_.push_back({Maildir(folder), card.member, {name, ports_.clock.now(), true}, {}});
  auto& prepared = prepared_.back();
  const MessageId id = prepared.name.message;
  std::vector<crypto::AgeRecipient> recipients{{card.drop_recipient}};
  if (card.archive_recipient) recipients.push_back({*card.archive_recipient});
  SealedRecord record = record_for(draft, card, id);
  const Sealing sealing{ports_.entropy, recipients, {}, [&](const crypto::Digest& mail_hash) {
                          record.mail_hash = mail_hash;
                          return record.encode(&ports_.pod_key);
                        }};
  bool made = false;
  try {
    const auto file = ports_.disk.open(prepared.path(), base::Disk::Open::create_new);
    made = true;
    auto sealed = write_sealed_file(*file, draft.octets, sealing);
    file->sync();
    prepared.arrival = {id, std::move(sealed.record), sealed.key, sealed.hash, sealed.size, sealed.payload_offset};
  } catch (...) {
    const auto path = prepared.path();
    prepared_.pop_back();
    if (made) ports_.disk.unlink(path);
    throw;
  }
  return {};
}

bool holds_message(base::Disk& disk, const std::string& folder, const MessageId& message) {
  const Maildir maildir(folder);
  return disk.status(maildir.in_new(message)).has_value() || disk.status(maildir.in_cur(message)).has_value();
}

std::vector<Arrival> Delivery::commit() {
  if (prepared_.empty()) return {};
  std::vector<Arrival> arrivals;
  arrivals.reserve(prepared_.size());
  for (const auto& prepared : prepared_) arrivals.push_back(prepared.arrival);
  if (prepared_.size() == 1) {
    commit_one();
  } else {
    commit_many();
  }
  prepared_.clear();
  return arrivals;
}

void Delivery::commit_one() {
  const auto& only = prepared_.front();
  const auto target = only.maildir.in_new(only.name.message);
  ports_.disk.rename(only.path(), target);
  try {
    ports_.disk.sync_directory(only.maildir.fresh());
  } catch (...) {
    // Refused, so it must not appear. The destructor finds nothing in tmp/ any more.
    prepared_.clear();
    ports_.disk.unlink(target);
    throw;
  }
}

void Delivery::commit_many() {
  Intent intent;
  std::set<std::string> tmps;
  std::set<std::string> news;
  for (const auto& prepared : prepared_) {
    intent.moves.push_back({prepared.member, prepared.name});
    tmps.insert(prepared.maildir.tmp());
    news.insert(prepared.maildir.fresh());
  }
  const std::string intent_path = write_intent(intent.encode(), {tmps.begin(), tmps.end()});

  // From here on the message is in all vaults, whatever happens: what fails now is done by the next start. A member may
  // leave this moment; whoever destroys their folder has completed what the intent says, for those who stay.
  try {
    for (const auto& prepared : prepared_) {
      unless_gone([&] { ports_.disk.rename(prepared.path(), prepared.maildir.in_new(prepared.name.message)); });
    }
    for (const auto& folder : news) {
      unless_gone([&] { ports_.disk.sync_directory(folder); });
    }
    unless_gone([&] { ports_.disk.unlink(intent_path); });
  } catch (const std::system_error&) {
    prepared_.clear();
  }
}

std::string Delivery::write_intent(const std::string& octets, const std::vector<std::string>& tmps) {
  // Its name must not become durable before the files it speaks for have theirs.
  for (const auto& tmp : tmps) ports_.disk.sync_directory(tmp);
  const auto& tmp = prepared_.front().maildir.tmp();
  const auto stem = base::join(tmp, Maildir::name_for(ports_.entropy.bytes<16>()));
  const std::string unsure = stem + std::string(unfinished_intent_suffix);
  const std::string sure = stem + std::string(intent_suffix);
  std::string present = unsure;
  try {
    {
      const auto file = ports_.disk.open(unsure, base::Disk::Open::create_new);
      file->write_at(0, octets);
      file->sync();
    }
    ports_.disk.rename(unsure, sure);
    present = sure;
    ports_.disk.sync_directory(tmp);
  } catch (...) {
    if (ports_.disk.status(present)) ports_.disk.unlink(present);
    throw;
  }
  return sure;
}

}  // namespace mailpod::store
