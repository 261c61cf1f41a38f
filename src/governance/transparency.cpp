#include <mailpod/governance/transparency.hpp>

#include <algorithm>

#include <mailpod/governance/vote_result.hpp>

namespace mailpod::governance {
namespace {

base::Time beginning_of(std::uint32_t year) {
  const std::chrono::year_month_day first{std::chrono::year(static_cast<int>(year)), std::chrono::January,
                                          std::chrono::day(1)};
  return base::Time(std::chrono::sys_days(first));
}

std::chrono::seconds seconds_between(base::Time from, base::Time to) {
  return std::chrono::floor<std::chrono::seconds>(to - from);
}

}  // namespace

YearInNumbers::YearInNumbers(std::uint32_t year) : begin_(beginning_of(year)), end_(beginning_of(year + 1)) {
  numbers_.year = year;
}

void YearInNumbers::note(const SignedFile& file, base::Time accepted_at, const Roster& after) {
  if (accepted_at >= end_) return;
  note_state(after);
  const auto type = type_of(file.octets);
  if (accepted_at < begin_) return;
  ++numbers_.entries;
  if (type == "act") {
    if (const auto act = parse_act(file.octets, file.name)) note_act(*act, accepted_at, after);
  } else if (type == "charter") {
    numbers_.charters.push_back(after.charters().size());
  } else if (type == "result") {
    note_vote(file, after);
  } else if (type == "ballot") {
    ++numbers_.ballots;
  } else {
    note_word(file, after);
  }
}

/// As it is after each entry, so that the last one of the year says how it ended.
void YearInNumbers::note_state(const Roster& after) {
  numbers_.members = numbers_.guests = numbers_.disputes_open = 0;
  for (const auto& [id, standing] : after.standings()) {
    if (standing.expelled) continue;
    ++(standing.principal == Principal::member ? numbers_.members : numbers_.guests);
  }
  for (const auto& [id, dispute] : after.disputes()) {
    if (!dispute.closed) ++numbers_.disputes_open;
  }
}

void YearInNumbers::note_act(const Act& act, base::Time at, const Roster& after) {
  ++numbers_.acts[std::string(name_of(act.kind))];
  switch (act.kind) {
    case Act::Kind::admit:
      ++numbers_.admissions.by_maintainers;
      break;
    case Act::Kind::suspend:
      note_suspension(act, at, after);
      break;
    case Act::Kind::reinstate:
      end_suspension(act.member, at);
      break;
    case Act::Kind::expel:
      end_suspension(act.member, at);
      ++numbers_.expulsions;
      break;
    case Act::Kind::dispute_open:
      ++numbers_.disputes_opened;
      break;
    case Act::Kind::dispute_close: {
      const auto& dispute = after.disputes().at(*act.dispute);
      numbers_.disputes_closed.push_back(
          {seconds_between(dispute.opened, at), dispute.answers.size(), dispute.outcome.value()});
      break;
    }
    case Act::Kind::announce:
      ++numbers_.announcements;
      break;
    case Act::Kind::upgrade:
      numbers_.upgrades.push_back(act.version);
      break;
    default:
      break;  // counted by its name
  }
}

void YearInNumbers::note_suspension(const Act& act, base::Time at, const Roster& after) {
  end_suspension(act.member, at);
  const auto* standing = after.find(act.member);
  suspended_[act.member] = {numbers_.suspensions.size(), at};
  numbers_.suspensions.push_back(
      {seconds_between(at, *act.until), standing != nullptr && standing->suspended_by_threshold, false});
}

/// Another act of the year took its place before its time. One that was over by itself is left as it is.
void YearInNumbers::end_suspension(MemberId member, base::Time at) {
  const auto found = suspended_.find(member);
  if (found == suspended_.end()) return;
  auto& suspension = numbers_.suspensions[found->second.index];
  const auto lasted = seconds_between(found->second.from, at);
  if (lasted < suspension.length) {
    suspension.length = lasted;
    suspension.ended_early = true;
  }
  suspended_.erase(found);
}

void YearInNumbers::note_vote(const SignedFile& file, const Roster& after) {
  const auto result = parse_vote_result(file.octets, file.name);
  if (!result) return;
  const auto& vote = after.votes().at(result->vote);
  numbers_.votes.push_back({vote.poll->vote.kind, result->members, result->counted, result->quorum, result->passed});
}

void YearInNumbers::note_word(const SignedFile& file, const Roster& after) {
  const auto type = type_of(file.octets);
  if (type == "admission") ++numbers_.admissions.by_vouches;
  if (type == "join") {
    const auto join = parse_join(file.octets, file.name);
    if (!join) return;
    const bool is_member = after.find(join->member) != nullptr;
    ++(is_member ? numbers_.admissions.by_invitation : numbers_.candidates);
  }
  if (type == "vouch") {
    const auto vouch = parse_vouch(file.octets, file.name);
    if (!vouch) return;
    if (vouch->kind == Vouch::Kind::object) ++numbers_.objections;
    if (vouch->kind == Vouch::Kind::vouch) ++numbers_.vouches;
  }
}

}  // namespace mailpod::governance
