#include <mailpod/governance/act.hpp>

#include "subcommands.hpp"

namespace mailpod::daemon {
namespace {

void add_keys(CLI::App& one, ActOptions& options) {
  one.add_option("--maintainer-key", options.maintainer_keys,
                 "A maintainer's minisign secret key; again for each who signs; without one it is written to be signed "
                 "elsewhere")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->allow_extra_args(false);
  one.add_option("--out", options.out, "Where it is written to be signed elsewhere; a text goes beside it");
  one.add_option("--reason", options.reason, "For people; public, and never an address");
}

void add_words(CLI::App& one, ActOptions& options, const char* subject) {
  one.add_option("FILE", options.file, "The words: UTF-8, plain lines")->required();
  one.add_option("--subject", options.subject, subject)->required();
}

void add_acts(CLI::App& app, Arguments& given) {
  auto& options = given.act;
  auto* act = group(app, "act", "Signed files as such: to be signed elsewhere, one after the other; docs/care.md");
  auto* draft = command(*act, given, "draft", "Write an act about a member, for maintainers to sign elsewhere",
                        [&options] { return act_draft(options); });
  draft->add_option("KIND", options.kind, "What it does")
      ->required()
      ->check(CLI::IsMember({"suspend", "reinstate", "set-citizen-key"}));
  draft->add_option("NAME", options.member, "Address, name or member id")->required();
  draft->add_option("--hours", options.hours, "suspend: for how long")->capture_default_str();
  draft->add_option("--key", options.citizen_key, "set-citizen-key: the public half, its line or the .pub file");
  draft->add_option("--reason", options.reason, "For people; public, and never an address");
  draft->add_option("--out", options.out, "Where to write it");
  auto* submit =
      command(*act, given, "submit",
              "Hand in a signed charter, act, opening of a vote, ballot or vouch; with too few signatures it "
              "waits for others",
              [&options] { return act_submit(options); });
  submit->add_option("FILE", options.file, "The .toml file, and beside it its .minisig files")->required();
  submit->add_option("--text", options.texts, "The text that an act commits to; again for each")
      ->allow_extra_args(false);
  command(*act, given, "waiting", "What waits for signatures", [&options] { return act_waiting(options); });
  auto* sign = command(*act, given, "sign", "Show what waits, sign it, and hand it in",
                       [&options] { return act_sign(options); });
  sign->add_option("FILE", options.waiting, "Its SHA-256 as `act waiting` shows it, or how that begins")->required();
  sign->add_option("--maintainer-key", options.maintainer_keys, "A maintainer's minisign secret key")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->required()
      ->allow_extra_args(false);
}

void add_disputes(CLI::App& app, Arguments& given) {
  auto& options = given.act;
  auto* dispute = group(app, "dispute", "Disputes: opened, answered and closed by acts that name nobody; docs/care.md");
  auto* open = command(*dispute, given, "open", "Have a dispute heard; one maintainer may",
                       [&options] { return dispute_open(options); });
  add_words(*open, options, "What it is about; those concerned and the maintainers read it");
  open->add_option("--party", options.parties, "Whom it concerns: address, name or member id; again for each")
      ->required()
      ->allow_extra_args(false);
  open->add_option("--days", options.days, "For how long answers are taken")
      ->capture_default_str()
      ->check(CLI::Range(1L, static_cast<long>(governance::longest_hearing.count())));
  auto* answer = command(*dispute, given, "answer", "Record what somebody concerned answers; one maintainer may",
                         [&options] { return dispute_answer(options); });
  answer->add_option("DISPUTE", options.dispute, "Its id, as `dispute list` shows it")->required();
  add_words(*answer, options, "Of the answer");
  auto* close =
      command(*dispute, given, "close",
              "Decide, by as many maintainers as the threshold: once somebody answered, or their time is over",
              [&options] { return dispute_close(options); });
  close->add_option("DISPUTE", options.dispute, "Its id, as `dispute list` shows it")->required();
  add_words(*close, options, "Of the decision");
  close->add_option("--outcome", options.outcome, "How it ended")
      ->required()
      ->check(CLI::IsMember({"upheld", "dismissed", "settled", "withdrawn"}));
  for (auto* one : {open, answer, close}) add_keys(*one, options);
  command(*dispute, given, "list", "All of them, as the record knows them",
          [&options] { return dispute_list(options); });
}

}  // namespace

void add_care_commands(CLI::App& app, Arguments& given) {
  add_acts(app, given);
  add_disputes(app, given);
  auto& options = given.act;
  auto* tell = command(app, given, "announce", "Tell everybody: a text in each vault, and its hash in the record",
                       [&options] { return announce(options); });
  add_words(*tell, options, "Of the announcement");
  add_keys(*tell, options);
  auto* agree = command(app, given, "upgrade", "Agree on the program to run; status and check say if another one runs",
                        [&options] { return upgrade(options); });
  agree->add_option("--program", options.program, "Its file; without it, the one that runs this command");
  agree->add_option("--release", options.release, "What it calls itself; without it, as this one does");
  add_keys(*agree, options);
  auto& told = given.report;
  auto* tell_them = command(app, given, "report", "Tell the maintainers of mail, or of somebody's conduct",
                            [&told] { return report(told); });
  tell_them->add_option("NAME", told.name, "Whose report it is: address or name")->required();
  tell_them->add_option("FILE", told.file, "The words: UTF-8, at most 16 KiB")->required();
  tell_them->add_option("--message", told.messages, "MAILBOX/UID, or a Message-ID with its brackets; again for each")
      ->allow_extra_args(false);
  tell_them->add_option("--about", told.about, "Of whom; a maintainer it is about does not get it");
  auto& summary = given.transparency;
  auto* year = command_here(app, given, "transparency",
                            "What a year's record adds up to, from the ledger alone; whoever has a copy gets the same",
                            [&summary] { return transparency(summary); });
  year->add_option("--year", summary.year, "Which, in UTC")->required()->check(CLI::Range(2020, 9999));
  year->add_option("--folder", summary.folder,
                   "A copy of a pod's governance/ or governance/ledger/; else the pod's own");
  year->add_option("--charter", summary.charter, "SHA-256 of the first charter, as `init` printed it");
  year->add_option("--key", summary.key, "The pod's verifier key, if not those that its charters name");
}

}  // namespace mailpod::daemon
