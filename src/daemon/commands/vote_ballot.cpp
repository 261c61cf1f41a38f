#include <nlohmann/json.hpp>

#include <mailpod/governance/vote_count.hpp>

#include "../commands.hpp"
#include "../maintainer_keys.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What a voter signs.
namespace mailpod::daemon {
namespace {

using governance::Ballot;
using governance::Charter;
using governance::Complaint;
using governance::Errc;
using governance::Poll;
using governance::Verdict;
using nlohmann::json;

/// The vote, as far as a ballot must fit it.
Verdict<Poll> poll_of(Office& office, const VoteOptions& options) {
  const auto shown = office.ask("vote.show", {{"vote", options.vote}});
  if (!shown.has_value()) return shown.error();
  const auto text = shown->at("text").get<std::string>();
  auto vote = governance::parse_vote(text, "the vote");
  if (!vote.has_value()) return vote.error();
  Poll poll;
  poll.vote = std::move(*vote);
  // Of what the pod shows, not of what it calls it.
  poll.identity = governance::identity(text);
  poll.rules.method = shown->at("choice") == "ranking" ? Charter::Method::schulze : Charter::Method::approval;
  return poll;
}

Verdict<decltype(Ballot::choice)> choice_of(const VoteOptions& options) {
  using Choice = decltype(Ballot::choice);
  if (options.answer == "yes") return Choice(governance::Answer::yes);
  if (options.answer == "no") return Choice(governance::Answer::no);
  if (options.answer == "abstain") return Choice(governance::Answer::abstain);
  if (!options.ranking && options.approved.empty())
    return Complaint{Errc::ballot_wrong_kind, "", 0, "this ballot makes no choice",
                     "say --answer, --approve or --rank, as the vote asks"};
  if (!options.ranking) {
    const bool nobody = options.approved == std::vector<std::string>{std::string(governance::no_candidate)};
    return Choice(governance::Approval{nobody ? std::vector<std::string>() : options.approved});
  }
  const auto ranking = governance::parse_ranking(*options.ranking);
  if (ranking) return Choice(*ranking);
  return Complaint{Errc::bad_value, *options.ranking, 0, "is no ranking",
                   "write each option once, as in `ada > bob = carl > none`"};
}

/// Writes the ballot, and its signature if the key is here: FILE.minisig, as minisign would call it.
int write_ballot_files(const OpenPod::Machine& machine, const VoteOptions& options, const std::string& path,
                       const std::string& octets) {
  const auto signature_path = path + ".minisig";
  const auto comment = governance::trusted_comment_for(octets, path);
  if (!comment.has_value()) return complain(comment.error());
  std::string signature;
  if (!options.citizen_key.empty()) {
    const auto key = read_citizen_key(machine.disk, machine.arena, options.citizen_key);
    if (!key.has_value()) return complain(key.error());
    signature = governance::sign(*key, octets, path).value();
  }
  // The one of an earlier ballot of this name would not fit.
  if (machine.disk.status(signature_path)) machine.disk.unlink(signature_path);
  base::replace_file(machine.disk, path, octets);
  if (!signature.empty()) base::replace_file(machine.disk, signature_path, signature);
  if (options.common.output == Output::json) {
    say("{}\n",
        json{{"file", path}, {"text", octets}, {"trusted_comment", *comment}, {"signed", !signature.empty()}}.dump(2));
    return 0;
  }
  say("{}\n", path);
  if (signature.empty()) remark("sign it by your citizen key:\nminisign -Sm {} -t '{}'\n", path, *comment);
  remark("then: mailpod vote cast {}\n", path);
  return 0;
}

}  // namespace

int vote_ballot(const VoteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  auto choice = choice_of(options);
  if (!choice.has_value()) return complain(choice.error());
  Office office(machine, options.common);
  const auto poll = poll_of(office, options);
  if (!poll.has_value()) return complain(poll.error());
  const auto now = base::from_seconds(base::to_seconds(machine.clock.now()));
  const Ballot ballot{poll->vote.pod, poll->vote.charter, poll->identity, now, std::move(*choice)};
  if (const auto fits = governance::check_choice(*poll, ballot, "the ballot"); !fits.has_value())
    return complain(fits.error());
  const auto name = "ballot-" + base::hex(base::octets(poll->identity)).substr(0, 16) + ".toml";
  return write_ballot_files(machine, options, options.out.empty() ? name : options.out,
                            governance::write_ballot(ballot));
}

}  // namespace mailpod::daemon
