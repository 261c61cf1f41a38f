#include <algorithm>

#include <fmt/format.h>

#include "roster_case.hpp"
#include "toml_text.hpp"

// Disputes, announcements and upgrades, as the record tells them. docs/care.md.
namespace mailpod::governance {

Verdict<void> Roster::check_care(const Case& c) const {
  if (c.act.dispute) return check_dispute(c);
  if (c.act.kind == Act::Kind::upgrade && upgrade_ && upgrade_->program == *c.act.program &&
      upgrade_->version == c.act.version)
    return c.refuse(Errc::already_added, "agrees to the program that was agreed to last", "nothing to do");
  return {};
}

Verdict<void> Roster::check_dispute(const Case& c) const {
  const auto found = disputes_.find(*c.act.dispute);
  const std::string which = "dispute " + base::hex(base::octets(*c.act.dispute));
  if (c.act.kind == Act::Kind::dispute_open) {
    if (found != disputes_.end())
      return c.refuse(Errc::dispute_repeated, which + " was opened before", "draw a new id for another dispute");
    if (*c.act.until <= c.at) return c.refuse(Errc::answer_late, "leaves no time to answer", "choose a later `until`");
    return check_room_for_dispute(c);
  }
  if (found == disputes_.end())
    return c.refuse(Errc::dispute_unknown, which + " was never opened", "`mailpod dispute list` shows them");
  const Dispute& dispute = found->second;
  if (dispute.closed)
    return c.refuse(Errc::dispute_closed, which + " was closed at " + time_text(*dispute.closed),
                    "what is new is another dispute");
  const bool time_is_up = dispute.until <= c.at;
  if (c.act.kind == Act::Kind::dispute_close) {
    if (!dispute.answers.empty() || time_is_up) return {};
    return c.refuse(Errc::answer_awaited, "closes before anybody answered, who may until " + time_text(dispute.until),
                    "record an answer first, or wait");
  }
  if (time_is_up)
    return c.refuse(Errc::answer_late, "answers after " + time_text(dispute.until),
                    "the maintainers close it; or open another dispute");
  for (const auto& signer : c.signers) {
    const auto theirs = dispute.answers_of.find(signer);
    if (theirs == dispute.answers_of.end() || theirs->second < most_answers_of_one) continue;
    return c.refuse(Errc::too_many_answers,
                    fmt::format("is answer {} in one dispute that one maintainer signed", most_answers_of_one + 1),
                    "close it; or have another maintainer record the answer");
  }
  return {};
}

Verdict<void> Roster::check_room_for_dispute(const Case& c) const {
  std::size_t of_threshold = 0;
  std::map<crypto::minisign::KeyId, std::size_t> of_few;
  for (const auto& [id, dispute] : disputes_) {
    if (dispute.closed) continue;
    if (dispute.by_threshold) {
      ++of_threshold;
      continue;
    }
    for (const auto& signer : dispute.opened_by) ++of_few[signer];
  }
  if (c.by_threshold) {
    if (of_threshold < most_disputes_open) return {};
    return c.refuse(Errc::too_many_disputes, fmt::format("{} disputes are open", of_threshold), "close one first");
  }
  for (const auto& signer : c.signers) {
    if (of_few[signer] < most_disputes_of_one) continue;
    return c.refuse(Errc::too_many_disputes,
                    fmt::format("{} disputes are open that one of its maintainers opened with too few others",
                                most_disputes_of_one),
                    "close one first; or have other maintainers sign, or as many as the charter's threshold");
  }
  return {};
}

/// Whether the act was one of these.
bool Roster::carry_out_care(const Case& c) {
  const Act& act = c.act;
  if (act.kind == Act::Kind::upgrade) {
    upgrade_ = Upgrade{act.version, *act.program, c.at};
    return true;
  }
  if (!act.text_commitment) return false;
  texts_[identity(c.file.octets)] = {*act.text_commitment, c.at, act.dispute};
  if (!act.dispute) return true;
  Dispute& dispute = disputes_[*act.dispute];
  if (act.kind == Act::Kind::dispute_open) {
    dispute.opened = c.at;
    dispute.until = *act.until;
    dispute.by_threshold = c.by_threshold;
    dispute.opened_by = c.signers;
  } else if (act.kind == Act::Kind::dispute_answer) {
    dispute.answers.push_back(c.at);
    for (const auto& signer : c.signers) ++dispute.answers_of[signer];
  } else {
    dispute.closed = c.at;
    dispute.outcome = act.outcome;
  }
  return true;
}

}  // namespace mailpod::governance
