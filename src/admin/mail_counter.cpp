#include "mail_counter.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/text/base64.hpp>

#include "arguments.hpp"

namespace mailpod::admin {
namespace {

/// Octets of mail in one answer; a MiB as base64.
constexpr std::size_t answer_octets = 768 * 1024;
constexpr std::uint32_t listed_at_once = 4096;
constexpr std::size_t read_at_once = 1000;
/// Octets of a message that stay in memory while it comes in pieces.
constexpr std::uint64_t spool_memory = 1024 * 1024;

store::Uid uid_of(const json& value) {
  return {value.get<std::uint32_t>()};
}

}  // namespace

Answer serve_mail(const VaultErrand& errand, Errands::Pace& pace) {
  const auto refused = errand.visit([&](const VaultDoor::Room& room) {
    MailCounter counter(errand, room);
    for (;;) {
      const auto question = pace.question();
      if (text_argument(question, "what") == "end") return;
      pace.answer(counter.answer(question));
    }
  });
  if (refused) return *refused;
  return json{{"address", errand.address}};
}

MailCounter::MailCounter(const VaultErrand& errand, const VaultDoor::Room& room)
    : errand_(errand), room_(room), budget_(spool_memory) {}

json MailCounter::answer(const json& question) {
  const auto& what = text_argument(question, "what");
  if (what == "mailboxes") return mailboxes();
  if (what == "messages") return messages(question);
  if (what == "read") return read(question);
  if (what == "make") return make(question);
  if (what == "have") return have(question);
  if (what == "spool") return spool(question);
  if (what == "add") return add(question);
  throw BadRequest("this cannot be asked of a vault");
}

/// nullptr: it was deleted meanwhile.
std::shared_ptr<const store::MailboxState> MailCounter::mailbox(const json& question) const {
  return room_.vault.state()->find(store::MailboxId{question.at("mailbox").get<std::uint32_t>()});
}

json MailCounter::mailboxes() const {
  json all = json::array();
  const auto state = room_.vault.state();
  for (const auto& mailbox : state->mailboxes) {
    all.push_back({{"mailbox", mailbox->id.value},
                   {"name", mailbox->name},
                   {"use", name_of(mailbox->special_use)},
                   {"subscribed", mailbox->subscribed},
                   {"selectable", mailbox->selectable},
                   {"uid_validity", mailbox->uid_validity.value},
                   {"keywords", mailbox->keywords},
                   {"messages", mailbox->count}});
  }
  return {{"address", errand_.address}, {"mailboxes", std::move(all)}, {"message_size", errand_.premises.message_size}};
}

json MailCounter::messages(const json& question) const {
  json listed = json::array();
  bool more = false;
  if (const auto box = mailbox(question)) {
    auto number = box->lower_bound({uid_of(question.at("after")).value + 1});
    for (; number.value <= box->count && listed.size() < listed_at_once; ++number.value) {
      const auto& message = box->at(number);
      listed.push_back({message.uid.value, message.size, message.internal_date, flag_words(message, *box)});
    }
    more = number.value <= box->count;
  }
  return {{"messages", std::move(listed)}, {"more", more}};
}

json MailCounter::read(const json& question) const {
  json pieces = json::array();
  const auto box = mailbox(question);
  auto offset = question.at("offset").get<std::uint64_t>();
  std::size_t room = answer_octets;
  for (const auto& each : list_argument(question, "uids", read_at_once)) {
    const auto number = box ? box->find(uid_of(each)) : std::nullopt;
    if (!number) {
      pieces.push_back({{"uid", each}, {"gone", true}});
      continue;
    }
    const auto& message = box->at(*number);
    // The next question gets what is too large for what is left of this answer.
    if (!pieces.empty() && message.size > room) break;
    auto piece = read_one(message, offset, room);
    room -= std::min<std::size_t>(room, message.size);
    offset = 0;
    pieces.push_back(std::move(piece));
  }
  return {{"pieces", std::move(pieces)}};
}

json MailCounter::read_one(const store::MessageState& message, std::uint64_t offset, std::size_t room) const {
  json piece{{"uid", message.uid.value}, {"size", message.size}};
  std::string octets(static_cast<std::size_t>(
                         std::min<std::uint64_t>(room, message.size - std::min<std::uint64_t>(offset, message.size))),
                     '\0');
  try {
    const auto opened = room_.vault.open_message(message);
    if (!opened) {
      if (opened.error() == make_error_code(store::Errc::closed)) throw std::system_error(opened.error());
      if (opened.error() == make_error_code(store::Errc::gone)) piece["gone"] = true;
      piece["fault"] = opened.error().message();
      return piece;
    }
    for (std::size_t done = 0; done < octets.size();) {
      const auto got = (*opened)->read_at(offset + done, std::span(octets).subspan(done));
      if (got == 0) throw std::system_error(make_error_code(store::Errc::damaged));
      done += got;
    }
  } catch (const std::system_error& failure) {
    // One message that cannot be read is no reason to keep the others back.
    if (failure.code() == make_error_code(store::Errc::closed)) throw;
    piece["fault"] = failure.code().message();
    return piece;
  }
  piece["octets"] = text::write_base64(octets);
  return piece;
}

}  // namespace mailpod::admin
