#include "rules.hpp"

#include "pod_mail.hpp"

#include <algorithm>
#include <tuple>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>

namespace mailpod::delivery {

namespace {

// A client may show any of several From fields, and a receiver's policy may look at another: nobody may be lied to that
// way. The same field read twice is no lie.
Status judge_from(const message::HeaderFacts& facts, const Circumstances& circumstances) {
  if (facts.from > 1) return smtp::Errc::from_malformed;
  // What another server of this machine has taken already can only bounce, and to whom nobody knows.
  if (circumstances.role == smtp::Role::lmtp) return {};

  const message::AddressList& from = facts.from_addresses;
  const bool exactly_one =
      facts.from == 1 && from.well_formed && !from.has_group && !from.truncated && from.addresses.size() == 1;
  if (!exactly_one) return smtp::Errc::from_malformed;
  if (circumstances.role == smtp::Role::exchange) return {};
  const message::Address& address = from.addresses.front();
  // A U-label is the same domain as its A-label, which is what the directory has.
  const smtp::Mailbox mailbox{address.mailbox, text::to_ascii_domain(address.host).value_or("")};
  if (!circumstances.submitter || !circumstances.submitter->owns(mailbox)) return smtp::Errc::sender_not_yours;
  return {};
}

// RFC 5321 §6.3. Our own mark on a message that comes from outside says that it was delivered already, to the same
// address.
Status judge_loops(const message::HeaderFacts& facts, const Circumstances& circumstances) {
  if (facts.received > circumstances.most_hops) return smtp::Errc::too_many_hops;
  if (circumstances.role == smtp::Role::submission) return {};
  for (const std::string& marked : facts.delivered_to) {
    const auto is_it = [&](const std::string& address) { return text::equal_fold(address, marked); };
    const auto& [local, forwarded] = std::tie(circumstances.destinations.local, circumstances.destinations.forwarded);
    if (std::ranges::any_of(local, is_it, &Destination::address)) return smtp::Errc::too_many_hops;
    if (std::ranges::any_of(forwarded, is_it)) return smtp::Errc::too_many_hops;
  }
  return {};
}

}  // namespace

Status judge(const message::HeaderFacts& facts, const Circumstances& circumstances) {
  const Status loops = judge_loops(facts, circumstances);
  if (!loops) return loops;
  return judge_from(facts, circumstances);
}

message::HeaderEdit edit_for(smtp::Role role, std::string host_name, std::string date, std::string message_id) {
  message::HeaderEdit edit;
  // Only we may say these, and we say them anew.
  edit.remove = {"Return-Path", "Delivered-To", std::string(reason_field), std::string(act_field)};
  edit.forged_authserv_id = std::move(host_name);
  if (role == smtp::Role::submission) {
    // With one author, who is the member, a Sender says nothing true that From does not. RFC 5322 §3.6.2.
    edit.remove.insert(edit.remove.end(), {"Bcc", "Resent-Bcc", "Sender"});
    edit.date_if_missing = std::move(date);
    edit.message_id_if_missing = std::move(message_id);
  }
  return edit;
}

}  // namespace mailpod::delivery
