#include <mailpod/delivery/reports.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "arguments.hpp"
#include "complaint_for.hpp"
#include "person_json.hpp"
#include "vault_errand.hpp"

namespace mailpod::admin {
namespace {

using governance::Complaint;
using governance::Errc;

/// A report that cannot be made: ends the visit.
struct Refused {
  Complaint complaint;
};

Complaint no_such_message(const std::string& which) {
  return {Errc::bad_value, which, 0, "there is no such message in this vault",
          "write MAILBOX/UID, as IMAP says them, or the Message-ID with its angle brackets"};
}

using Message = std::unique_ptr<store::StoredMessage>;

Message opened(store::Vault& vault, const store::MessageState& message, const std::string& which) {
  auto octets = vault.open_message(message);
  if (!octets.has_value()) throw Refused{complaint_for(octets.error(), which)};
  return std::move(*octets);
}

Message by_uid(store::Vault& vault, const std::string& which) {
  const auto slash = which.rfind('/');
  const auto box = slash == std::string::npos ? nullptr : vault.state()->find(which.substr(0, slash));
  std::uint64_t uid = 0;
  const auto digits = slash == std::string::npos ? std::string() : which.substr(slash + 1);
  const bool is_number =
      !digits.empty() && digits.size() <= 10 && digits.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) uid = std::stoull(digits);
  const auto number =
      box && uid != 0 && uid <= UINT32_MAX ? box->find(store::Uid{static_cast<std::uint32_t>(uid)}) : std::nullopt;
  if (!number) throw Refused{no_such_message(which)};
  return opened(vault, box->at(*number), which);
}

Message by_message_id(store::Vault& vault, const std::string& which, Errands::Pace& pace) {
  std::uint64_t looked_at = 0;
  const auto state = vault.state();
  for (const auto& box : state->mailboxes) {
    for (std::uint32_t number = 1; number <= box->count; ++number) {
      const auto& message = box->at(store::SeqNum{number});
      const auto structure = vault.structure(message);
      if (structure.has_value() && (*structure)->envelope.message_id == which) return opened(vault, message, which);
      if (++looked_at % 1000 == 0) pace.step(looked_at, 0);
    }
  }
  throw Refused{no_such_message(which)};
}

Message find(store::Vault& vault, const std::string& which, Errands::Pace& pace) {
  return which.starts_with('<') ? by_message_id(vault, which, pace) : by_uid(vault, which);
}

std::optional<MemberId> about(const VaultErrand& errand) {
  const auto who = optional_text(errand.options, "about");
  if (who.empty()) return std::nullopt;
  const auto state = errand.premises.directory.state();
  const auto* person = find_person(*state, who);
  if (person == nullptr)
    throw Refused{{Errc::not_admitted, who, 0, "nobody here has this address or id",
                   "leave --about out, and say in words whom you mean"}};
  return person->id;
}

json taken(const VaultErrand& errand, const delivery::Report& report) {
  auto reported = errand.premises.reports->take(report);
  if (!reported.has_value()) {
    const bool nobody = reported.error() == make_error_code(smtp::Errc::mailbox_unavailable);
    throw Refused{{Errc::bad_value, "the report", 0,
                   nobody ? "no maintainer whom it is not about has a mailbox here" : reported.error().message(),
                   nobody ? "speak to a maintainer: `mailpod charter explain` names them"
                          : "send fewer or smaller messages, or wait an hour"}};
  }
  for (auto& told : reported->told) {
    if (errand.premises.daemon != nullptr) errand.premises.daemon->announce(told.member, std::move(told.arrival));
  }
  return {{"maintainers", reported->maintainers}, {"messages", report.messages.size()}};
}

}  // namespace

/// The reporter's own secret opens their vault, and only what they chose leaves it.
Answer report_mail(const VaultErrand& errand, Errands::Pace& pace) {
  json out;
  try {
    delivery::Report report{errand.member, text_argument(errand.options, "words"), about(errand), {}};
    const auto refused = errand.visit([&](const VaultDoor::Room& room) {
      std::vector<Message> messages;
      for (const auto& each : list_argument(errand.options, "messages", delivery::Reports::most_messages)) {
        if (!each.is_string()) throw BadRequest("a message is no text");
        messages.push_back(find(room.vault, each.get<std::string>(), pace));
        report.messages.push_back(messages.back().get());
      }
      out = taken(errand, report);
    });
    if (refused) return *refused;
  } catch (const Refused& refused) {
    return refused.complaint;
  }
  return out;
}

}  // namespace mailpod::admin
