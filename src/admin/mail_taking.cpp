// How mail comes in over the counter: by the one order of APPEND, many messages in one group.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include <mailpod/base/stack.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>

#include "arguments.hpp"
#include "mail_counter.hpp"

namespace mailpod::admin {
namespace {

constexpr std::size_t taken_at_once = 1000;
/// Sealing takes a core, syncing the disk: while some wait for the one, others have the other.
constexpr std::size_t hands = 8;

/// `work` for each number below `count`, by several threads. The first failure is thrown once all have ended.
void share_out(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    for (std::size_t one = next++; one < count; one = next++) {
      try {
        work(one);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
    base::clear_unused_stack();
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(count, hands); ++i) threads.emplace_back(run);
  run();
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

std::uint64_t key_for(std::uint32_t date, std::uint32_t size) {
  return std::uint64_t{date} << 32 | size;
}

base::ByteArray<36> read_key(std::string_view hash, std::uint32_t date) {
  return base::byte_array<36>(base::Encoder().fixed(hash).u32(date).str()).value();
}

/// As the store spells it: form C, INBOX in capitals.
std::string canonical(const std::string& name) {
  constexpr std::string_view inbox = "INBOX/";
  auto composed = text::to_nfc(name).value_or(name);
  if (text::starts_with_fold(composed, inbox)) composed.replace(0, inbox.size(), inbox);
  return composed;
}

std::string octets_of(const json& message) {
  auto octets = text::parse_base64(text_argument(message, "octets"));
  if (!octets) throw BadRequest("this is no base64");
  return std::move(*octets);
}

/// What APPEND refuses too. Empty: nothing.
std::string refusal_of(const base::OctetSource& mail, std::uint64_t limit) {
  if (mail.size() == 0) return "it is empty";
  if (mail.size() > limit) return "it is larger than the pod takes";
  return {};
}

/// A message that is to be added, and what becomes of it.
struct Incoming {
  std::string octets;
  std::unique_ptr<crypto::Spool> spooled;  ///< instead of octets
  store::Vault::Append about;
  std::unique_ptr<store::PreparedMessage> prepared;
  std::string fault;
};

}  // namespace

json MailCounter::make(const json& question) {
  const auto name = canonical(text_argument(question, "name"));
  const auto use = special_use_of(text_argument(question, "use"));
  const auto state = room_.vault.state();
  auto there = state->find(name);
  if (use != store::SpecialUse::none) {
    const auto same_use = std::ranges::find_if(
        state->mailboxes, [&](const auto& mailbox) { return mailbox->special_use == use && mailbox->selectable; });
    if (same_use != state->mailboxes.end()) there = *same_use;
  }
  if (there && there->selectable) return {{"mailbox", there->id.value}, {"name", there->name}, {"made", false}};
  Result<store::MailboxId> made = store::MailboxId{};
  room_.change([&] {
    made = room_.vault.create_mailbox(name, use);
    if (made && flag_argument(question, "subscribed")) {
      const auto subscribed = room_.vault.subscribe_mailbox(name);
      if (!subscribed) made = subscribed.error();
    }
  });
  if (!made) return {{"fault", made.error().message()}};
  return {{"mailbox", made->value}, {"name", name}, {"made", true}};
}

void MailCounter::learn(const store::MailboxState& mailbox) {
  if (known_ && known_->mailbox == mailbox.id) return;
  known_.emplace();
  known_->mailbox = mailbox.id;
  known_->unread.reserve(mailbox.count);
  for (const auto& chunk : mailbox.chunks) {
    for (const auto& message : chunk->messages)
      known_->unread.emplace(key_for(message.internal_date, message.size), message.uid);
  }
}

/// `[hash, size, date]`. The vault itself is the record of what was taken: nothing else could be wrong about it.
bool MailCounter::has(const store::MailboxState& mailbox, const json& message) {
  const auto hash = base::unhex(message.at(0).get_ref<const std::string&>());
  const auto date = message.at(2).get<std::uint32_t>();
  if (!hash || hash->size() != crypto::Digest().size()) throw BadRequest("this is no hash");
  const auto [first, last] = known_->unread.equal_range(key_for(date, message.at(1).get<std::uint32_t>()));
  for (auto candidate = first; candidate != last; ++candidate) {
    const auto number = mailbox.find(candidate->second);
    if (!number) continue;
    const auto known = room_.vault.mail_hash(mailbox.at(*number));
    if (known) known_->read.insert_or_assign(read_key(base::octets(*known), date), candidate->second);
  }
  known_->unread.erase(first, last);
  const auto there = known_->read.find(read_key(*hash, date));
  return there != known_->read.end() && mailbox.find(there->second).has_value();
}

json MailCounter::have(const json& question) {
  json answers = json::array();
  const auto box = mailbox(question);
  if (box) learn(*box);
  for (const auto& message : list_argument(question, "messages", taken_at_once))
    answers.push_back(box && has(*box, message));
  return {{"have", std::move(answers)}};
}

json MailCounter::spool(const json& question) {
  if (!spool_ || flag_argument(question, "fresh")) {
    const auto& house = errand_.premises.household;
    crypto::SpoolSettings settings;
    settings.limit = errand_.premises.message_size;
    spool_ = std::make_unique<crypto::Spool>(crypto::SpoolPlace{house.disk, base::join(errand_.folder(), "Maildir/tmp"),
                                                                house.entropy, house.arena, budget_},
                                             settings);
  }
  const auto octets = octets_of(question);
  if (octets.find('\0') != std::string::npos) return {{"fault", "NUL is not allowed in a message"}};
  if (!spool_->append(octets)) return {{"fault", "it is larger than the pod takes"}};
  return {{"size", spool_->size()}};
}

json MailCounter::add(const json& question) {
  const auto& messages = list_argument(question, "messages", taken_at_once);
  const auto box = mailbox(question);
  json left_out = json::array();
  auto keywords = box ? box->keywords : std::vector<std::string>{};
  std::vector<Incoming> all(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto& one = all[i];
    if (flag_argument(messages[i], "spooled")) {
      if (!spool_) throw BadRequest("nothing was spooled");
      one.spooled = std::move(spool_);
    } else {
      one.octets = octets_of(messages[i]);
      if (one.octets.find('\0') != std::string::npos) one.fault = "NUL is not allowed in a message";
    }
    one.about.internal_date = base::from_seconds(messages[i].at("date").get<std::uint32_t>());
    one.about.flags = flags_of_words(messages[i].at("flags"), keywords, left_out);
    if (!box || !box->selectable) one.fault = make_error_code(store::Errc::no_such_mailbox).message();
  }
  share_out(all.size(), [&](std::size_t i) {
    auto& one = all[i];
    const base::MemorySource memory(one.octets);
    const base::OctetSource& mail = one.spooled ? static_cast<const base::OctetSource&>(*one.spooled) : memory;
    if (one.fault.empty()) one.fault = refusal_of(mail, errand_.premises.message_size);
    if (!one.fault.empty()) return;
    auto prepared = room_.vault.prepare(mail, one.about);
    if (!prepared) throw std::system_error(prepared.error());
    one.prepared = std::move(*prepared);
  });
  std::vector<std::unique_ptr<store::PreparedMessage>> prepared;
  for (auto& one : all) {
    if (one.prepared) prepared.push_back(std::move(one.prepared));
  }
  Result<store::Vault::Appended> appended = store::Vault::Appended{};
  if (!prepared.empty()) room_.change([&] { appended = room_.vault.append(box->id, std::move(prepared)); });
  if (!appended) throw std::system_error(appended.error());
  const auto now = mailbox(question);
  if (known_ && now && known_->mailbox == now->id) {
    for (const auto uid : appended->uids) {
      if (const auto number = now->find(uid)) {
        const auto& message = now->at(*number);
        known_->unread.emplace(key_for(message.internal_date, message.size), uid);
      }
    }
  }
  json faults = json::array();
  for (auto& one : all) faults.push_back(std::move(one.fault));
  return {{"faults", std::move(faults)}, {"left_out", std::move(left_out)}};
}

}  // namespace mailpod::admin
