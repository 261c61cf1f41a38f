#include "subcommands.hpp"

namespace mailpod::daemon {
namespace {

void add_serve(CLI::App& app, Arguments& given) {
  auto* serve_app = command_here(app, given, "serve", "Be the pod's server until SIGTERM or SIGINT", [&given] {
    if (given.ready_descriptor >= 0) given.serve.ready_descriptor = given.ready_descriptor;
    if (given.passphrase_descriptor >= 0) given.serve.passphrase_descriptor = given.passphrase_descriptor;
    return serve(given.serve);
  });
  serve_app->add_option("--passphrase-fd", given.passphrase_descriptor,
                        "Read the server key's passphrase, where it has one, from this descriptor; else it is standard "
                        "input");
  serve_app->add_option("--ready-fd", given.ready_descriptor, "Write `ready` to this descriptor once ports answer");
}

void add_server_key(CLI::App& app, Arguments& given) {
  auto* above = group(app, "server-key", "What opens directory and queue, never mail: its file and its copy on paper");
  const auto add = [&](const char* name, const char* help, int (*run)(const Common&)) {
    command_here(*above, given, name, help, [&given, run] { return run(given.common); });
  };
  add("rotate", "Another key for all that is sealed under it, while the pod serves; prints it for paper",
      server_key_rotate);
  add("show", "Print it for paper again", server_key_show);
  add("recover", "Write its file anew from the paper copy, read from standard input", server_key_recover);
  add("seal", "Seal its file by a passphrase, which whoever starts the pod is asked for; the pod must not run",
      server_key_seal);
  add("unseal", "No more; the pod must not run", server_key_unseal);
}

void add_reports(CLI::App& app, Arguments& given) {
  auto& options = given.reports;
  auto* reports =
      command_here(app, given, "reports", "What other servers report of the pod's mail: DMARC, TLS, complaints",
                   [&options] { return reports_show(options); });
  reports
      ->add_option("FILE", options.files, "A message with reports, or what was attached to one: XML, JSON, gzip, zip")
      ->required();
}

void add_suppressions(CLI::App& queue, Arguments& given) {
  auto& options = given.queue;
  const auto about_whom = [&](const char* name, const char* help, int (*run)(const QueueOptions&)) {
    auto* app_for_it = command(queue, given, name, help, [&options, run] { return run(options); });
    app_for_it->add_option("WHAT", options.what, "An address, or a domain and all its addresses")->required();
    return app_for_it;
  };
  auto* suppress =
      about_whom("suppress",
                 "Send nothing to an address or a domain; what is for it waits, and is given back when it has for long",
                 queue_suppress);
  suppress->add_option("--hours", options.hours, "For how long; without it until unsuppressed");
  suppress->add_option("--reason", options.reason, "For other administrators; one line of at most 200 octets");
  about_whom("unsuppress", "Send to it again; what waited for that is due now", queue_unsuppress);
  command(queue, given, "suppressed", "To whom nothing is sent: since when, how long, and why",
          [&options] { return queue_suppressed(options); });
}

void add_queue(CLI::App& app, Arguments& given) {
  auto& options = given.queue;
  auto* queue = group(app, "queue", "Mail that waits to be sent");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const QueueOptions&)) {
    auto* app_for_it = command(*queue, given, name, help, [&options, run] { return run(options); });
    app_for_it->add_option("ENTRY", options.entry, "Its id, as `queue list` shows it")->required();
    return app_for_it;
  };
  command(*queue, given, "list", "All entries: state, age, next try, recipients still to be reached, their domains",
          [&options] { return queue_list(options); });
  about_one("show", "All that is known of an entry: each recipient's state, last reply, and who gave it", queue_show);
  auto* retry = command(*queue, given, "retry", "Try an entry now, or all that are neither held nor suppressed",
                        [&options] { return queue_retry(options); });
  retry->add_option("ENTRY", options.entry, "Its id; without it, all");
  about_one("hold", "Try an entry no more until it is released; an attempt under way goes on", queue_hold);
  const auto or_member = [&](CLI::App& app_for_it) {
    auto* entry = app_for_it.get_option("ENTRY")->required(false);
    auto* member = app_for_it.add_option("--member", options.member,
                                         "All that the brake holds of this member, who may send again then");
    member->excludes(entry);
    app_for_it.require_option(1, 2);
  };
  or_member(*about_one("release", "Try a held entry again, from now on", queue_release));
  about_one("route", "Send an entry to this host, whatever DNS says", queue_route)
      ->add_option("HOST", options.route, "A host name or [address], with or without :port; - for what DNS says")
      ->required();
  auto* drop = about_one(
      "drop", "Forget an entry for good. Its sender and its recipients hear nothing of it, unless --report is given",
      queue_drop);
  or_member(*drop);
  drop->add_flag_callback(
      "--report", [&options] { options.told = QueueOptions::Told::sender; },
      "Give it back to its sender, as undeliverable");
  add_suppressions(*queue, given);
}

void add_dkim(CLI::App& app, Arguments& given) {
  auto& options = given.dkim;
  auto* dkim = group(app, "dkim", "The keys that sign the domain's mail; docs/dkim.md");
  const auto add = [&](const char* name, const char* help, int (*run)(const DkimOptions&)) {
    auto* app_for_it = command(*dkim, given, name, help, [&options, run] { return run(options); });
    app_for_it->add_option("--domain", options.domain,
                           "Only of this domain; without it all, and a new pair is for the pod's own");
    return app_for_it;
  };
  const auto add_change = [&](const char* name, const char* help, const char* now, int (*run)(const DkimOptions&)) {
    auto* app_for_it = add(name, help, run);
    app_for_it->add_option("SELECTOR", options.selectors, "Its name, as `dkim list` shows it; again for more");
    app_for_it->add_flag_callback("--now", [&options] { options.when = DkimOptions::When::now; }, now);
  };
  add("list", "All keys: state, age, and when a retired one may go", dkim_list);
  add("new", "Make a pair of keys, RSA and Ed25519, to be published; prints their DNS records", dkim_new);
  add_change("activate",
             "Sign with prepared keys from now on, once DNS shows them; without SELECTOR, all prepared ones",
             "Do not ask DNS", dkim_activate);
  add_change("retire", "Sign with a key no more; without SELECTOR, all that a newer one has replaced",
             "Even the last of its kind", dkim_retire);
  add_change("remove", "Forget keys whose signatures have expired; without SELECTOR, all such",
             "Even while its signatures are valid", dkim_remove);
  add("records", "The DNS records of all keys, as lines of a zone file", dkim_records)
      ->add_flag_callback(
          "--check", [&options] { options.dns = DkimOptions::Dns::asked; }, "Ask DNS, and say what it says instead");
}

void add_sessions(CLI::App& app, Arguments& given) {
  auto& options = given.sessions;
  auto* sessions = group(app, "sessions", "Who is connected");
  const auto for_a_member = [&options](CLI::App* one) {
    return one->add_option("--mine", options.mine,
                           "Only this member's own, who says so by one of their secrets, read from standard input");
  };
  for_a_member(command(*sessions, given, "list",
                       "All connections: listener, address, TLS, since when, how long silent, whose",
                       [&options] { return sessions_list(options); }));
  auto* close = command(*sessions, given, "close", "End one, or all of a member's, with their protocol's goodbye",
                        [&options] { return sessions_close(options); });
  auto* one = close->add_option("ID", options.session, "As `sessions list` shows it");
  auto* whose = close->add_option("--member", options.member, "Address, name or member id; they may log in again");
  one->excludes(whose);
  for_a_member(close)->excludes(whose);
  close->require_option(1, 2);
}

void add_card(CLI::App& app, Arguments& given) {
  auto& options = given.card;
  auto* card = group(app, "card", "What the pod says of itself to other pods, signed by its key; docs/http.md");
  command(*card, given, "show", "The card as it is published", [&options] { return card_show(options); });
  auto* verify = command_here(*card, given, "verify", "Whether a card is that pod's, and valid; needs no pod",
                              [&options] { return card_verify(options); });
  verify->add_option("FILE", options.file, "As /.well-known/mailpod/pod has it")->required();
  verify->add_option("--key", options.key, "That pod's verifier key: its charter says it, and `ledger show` there")
      ->required();
}

void add_ledger_checks(CLI::App& ledger, Arguments& given) {
  auto& options = given.ledger;
  auto* verify = command(ledger, given, "verify",
                         "Hold charters, acts and tiles against each other, against every signature, and against what "
                         "was seen before; needs no pod",
                         [&options] { return ledger_verify(options); });
  verify->add_option("FOLDER", options.folder,
                     "A copy of a pod's governance/ or governance/ledger/; else the pod's own");
  verify->add_option("--charter", options.charter, "SHA-256 of the first charter, as `init` printed it");
  verify->add_option("--key", options.key, "The pod's verifier key, if not those that its charters name");
  verify->add_option("--since", options.seen, "A checkpoint that the pod published before; again for each")
      ->allow_extra_args(false);
  verify->add_option("--witness", options.witnesses, "A witness's verifier key, who must have cosigned; again for each")
      ->allow_extra_args(false);
  auto* address = verify->add_option("--address", options.address, "Your own: say which leaf admitted it");
  auto* salt = verify->add_option("--salt", options.salt, "With --address: its salt, as `member show` says it");
  address->needs(salt);
  salt->needs(address);
  verify->add_option("--fork", options.fork, "A file to write the proof to, if the pod told two stories");
  auto* fork = command(ledger, given, "fork", "Whether a file proves that a pod told two stories",
                       [&options] { return ledger_fork(options); });
  fork->add_option("FILE", options.file, "As `ledger verify --fork` wrote it")->required();
  fork->add_option("--key", options.keys,
                   "That pod's verifier key; again for the earlier one, if its charter named another in between")
      ->required()
      ->allow_extra_args(false);
}

void add_ledger(CLI::App& app, Arguments& given) {
  auto& options = given.ledger;
  auto* ledger = group(app, "ledger", "The public log of charters and acts, which witnesses watch; docs/ledger.md");
  command(*ledger, given, "show", "How long it is, what was signed last, and by which keys",
          [&options] { return ledger_show(options); });
  add_ledger_checks(*ledger, given);
  auto* prove =
      command(*ledger, given, "prove", "Print the proof that a leaf is in it, or that it grew out of what it was",
              [&options] { return ledger_prove(options); });
  auto* leaf = prove->add_option("LEAF", options.leaf, "0 for the first charter, N for acts/N.entry");
  auto* since = prove->add_option("--since", options.since, "Instead: that it grew out of its first so many leaves");
  leaf->excludes(since);
  prove->require_option(1);
  auto* witness = command(*ledger, given, "witness",
                          "Cosign another pod's checkpoint, once it is shown to have grown out of the one seen last",
                          [&options] { return ledger_witness(options); });
  witness->add_option("CHECKPOINT", options.file, "As that pod published it")->required();
  witness->add_option("PROOF", options.proof, "As `ledger prove --since` printed it there; not for the first");
  witness->add_option("--key", options.key, "That pod's verifier key; for the first");
  auto* add = command(*ledger, given, "cosign-add", "Keep what a witness wrote under a checkpoint of this pod",
                      [&options] { return ledger_cosign_add(options); });
  add->add_option("FILE", options.file, "As `ledger witness` printed it there")->required();
  add->add_option("--witness", options.witnesses, "The witness's verifier key, the first time; again for each")
      ->allow_extra_args(false);
}

void add_audit(CLI::App& app, Arguments& given) {
  auto& options = given.audit;
  auto* audit = group(app, "audit", "What was done to the pod, entry after entry; docs/audit-format.md");
  auto* show = command(*audit, given, "show", "The newest entries", [&options] { return audit_show(options); });
  show->add_option("--last", options.last, "How many; 100")->check(CLI::Range(1, 10'000));
  auto* verify = command(*audit, given, "verify",
                         "Hold entries against each other, against every signature and against what was countersigned; "
                         "needs no pod",
                         [&options] { return audit_verify(options); });
  verify->add_option("FOLDER", options.folder, "A folder with copies of audit/ and governance/; else the pod's own");
  verify->add_option("--charter", options.charter, "SHA-256 of the first charter, as `init` printed it");
  verify->add_option("--since", options.seen, "A checkpoint that you kept, FILE.minisig beside it; again for each")
      ->allow_extra_args(false);
  auto* sign = command(*audit, given, "sign", "Countersign all that is in it now, or print what to sign elsewhere",
                       [&options] { return audit_sign(options); });
  auto* key = sign->add_option("--maintainer-key", options.maintainer_keys, "Secret key file; again for each")
                  ->allow_extra_args(false);
  sign->add_option("--output", options.output, "A file to keep the checkpoint in, and the signature beside it");
  auto* made = sign->add_option("--signature", options.signature, "A .minisig file that was made elsewhere");
  sign->add_option("--entries", options.entries, "With --signature: of which checkpoint it is")->needs(made);
  made->excludes(key);
}

}  // namespace

void add_administrators_commands(CLI::App& app, Arguments& given) {
  add_serve(app, given);
  add_server_key(app, given);
  add_queue(app, given);
  add_reports(app, given);
  add_dkim(app, given);
  add_sessions(app, given);
  add_card(app, given);
  add_ledger(app, given);
  add_audit(app, given);
  command(app, given, "health", "Whether every part of the daemon answers; the exit status says it to monitors",
          [&given] { return health(given.common); });
  command(app, given, "reload", "Have the daemon read mailpod.toml and the certificates again",
          [&given] { return reload(given.common); });
  command(app, given, "status", "What the pod is doing", [&given] { return status(given.common); });
  command_here(app, given, "check", "Whether all is well, and what to do where it is not",
               [&given] { return check(given.common); });
}

}  // namespace mailpod::daemon
