#include <mailpod/governance/vote.hpp>

#include "subcommands.hpp"

namespace mailpod::daemon {
namespace {

void add_opening(CLI::App& open, Arguments& given, const char* name, const char* help, int (*run)(const VoteOptions&),
                 const std::function<void(CLI::App&)>& add_rest) {
  auto& options = given.vote;
  auto* one = command(open, given, name, help, [&options, run] { return run(options); });
  one->add_option("--title", options.title, "What it is called; one line, no address")->required();
  add_rest(*one);
  auto* days = one->add_option("--days", options.days, "For how long; without it, a day more than the charter's notice")
                   ->check(CLI::Range(1, 90));
  one->add_option("--closes", options.closes, "Or until when, in UTC: 2026-11-23T08:00:00Z")->excludes(days);
  one->add_option("--maintainer-key", options.maintainer_keys,
                  "A maintainer's minisign secret key; again for each who signs")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->allow_extra_args(false);
  one->add_flag_callback(
      "--draft", [&options] { options.sign = VoteOptions::Signed::elsewhere; },
      "Print it for maintainers to sign elsewhere, and open nothing");
}

void add_open(CLI::App& vote, Arguments& given) {
  auto& options = given.vote;
  auto* open = group(vote, "open", "Open a vote, as many maintainers as the charter's threshold sign it");
  add_opening(*open, given, "election", "Of maintainers: the elected ones are those of the charter, from the result on",
              vote_open_election, [&options](CLI::App& one) {
                one.add_option("--candidate", options.candidates,
                               "OPTION=KEY[=NAME[=MEMBER]]: what ballots call them, the minisign key that they would "
                               "sign with (its line, or the .pub file), their name, their address; again for each")
                    ->required()
                    ->allow_extra_args(false);
                one.add_option("--seats", options.seats, "How many are elected, at most")
                    ->capture_default_str()
                    ->check(CLI::Range(std::size_t{1}, governance::most_candidates));
                one.add_option("--term-days", options.term_days, "For how long they are in office")
                    ->capture_default_str()
                    ->check(CLI::Range(1L, static_cast<long>(governance::longest_term.count())));
              });
  add_opening(
      *open, given, "amendment", "On whether exactly one charter file may become the next", vote_open_amendment,
      [&options](CLI::App& one) { one.add_option("FILE", options.file, "The charter's .toml file")->required(); });
  add_opening(*open, given, "expulsion", "On whether a member may be expelled, where the charter leaves it to a vote",
              vote_open_expulsion, [&options](CLI::App& one) {
                one.add_option("NAME", options.member, "Address, name or member id")->required();
              });
  auto* file = command(*open, given, "file", "As --draft printed it, with the maintainers' signatures beside it",
                       [&options] { return vote_open_file(options); });
  file->add_option("FILE", options.file, "vote.toml, and beside it vote.*.minisig")->required();
}

void add_ballot(CLI::App& vote, Arguments& given) {
  auto& options = given.vote;
  auto* ballot = command(vote, given, "ballot", "Write a ballot to be signed by the voter's citizen key",
                         [&options] { return vote_ballot(options); });
  ballot->add_option("VOTE", options.vote, "As `vote list` shows it")->required();
  auto* answer = ballot->add_option("--answer", options.answer, "To a question: yes, no or abstain")
                     ->check(CLI::IsMember({"yes", "no", "abstain"}));
  auto* approve =
      ballot->add_option("--approve", options.approved, "In an election by approval: ada,bob; none for nobody")
          ->delimiter(',')
          ->excludes(answer);
  ballot->add_option("--rank", options.ranking, "In an election by Schulze's method: 'ada > bob = carl > none'")
      ->excludes(answer)
      ->excludes(approve);
  ballot->add_option("--citizen-key", options.citizen_key,
                     "The voter's minisign secret key, to sign it here; without it, `minisign -S` signs it");
  ballot->add_option("--out", options.out, "Where to write it; without it, ballot-VOTE.toml");
}

}  // namespace

void add_votes_commands(CLI::App& app, Arguments& given) {
  auto& options = given.vote;
  auto* vote = group(app, "vote", "What the members decide: elections, amendments, expulsions; docs/votes.md");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const VoteOptions&)) {
    auto* one = command(*vote, given, name, help, [&options, run] { return run(options); });
    one->add_option("VOTE", options.vote, "Its name, or how that begins")->required();
    return one;
  };
  add_open(*vote, given);
  add_ballot(*vote, given);
  command(*vote, given, "cast", "Hand in a signed ballot; of several by one key the one made last counts",
          [&options] { return vote_cast(options); })
      ->add_option("FILE", options.file, "The ballot, and beside it FILE.minisig")
      ->required();
  about_one("close", "Enter the result of a vote that is over; the pod does so by itself, too", vote_close);
  auto* count = command_here(*vote, given, "count", "Count a vote from the record; needs no pod that runs, and no key",
                             [&options] { return vote_count(options); });
  count->add_option("VOTE", options.vote, "Its name, or how that begins")->required();
  count->add_option("FOLDER", options.folder, "A copy of a pod's governance/; else the pod's own");
  auto* verify =
      command_here(*vote, given, "verify",
                   "Verify a record, its signatures and its ledger, and recount every vote in it; needs no pod",
                   [&options] { return vote_verify(options); });
  verify->add_option("FOLDER", options.folder,
                     "A copy of a pod's governance/ or governance/ledger/; else the pod's own");
  for (auto* one : {count, verify}) {
    one->add_option("--charter", options.charter, "SHA-256 of the first charter, as `init` printed it");
    one->add_option("--key", options.key, "The pod's verifier key, if not those that its charters name");
  }
  command(*vote, given, "list", "All of them, and what they came to", [&options] { return vote_list(options); });
  about_one("show", "What one asks, who may vote, and what it came to", vote_show);
}

}  // namespace mailpod::daemon
