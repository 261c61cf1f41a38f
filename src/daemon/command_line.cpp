// The only file that includes CLI11, which takes seconds to compile.
#include "command_line.hpp"

#include <functional>

#include <CLI/CLI.hpp>

#include "command_tree.hpp"
#include "commands.hpp"
#include "manual.hpp"
#include "terminal.hpp"

namespace mailpod::daemon {
namespace {

/// What the arguments fill in; one for the process.
struct Arguments {
  Common common;
  InitOptions init;
  CharterOptions charter;
  MemberOptions member;
  AliasOptions alias;
  DomainOptions domain;
  GroupOptions group;
  EnrolOptions enrol;
  AppPasswordOptions app_password;
  ForwardOptions forward;
  ServeOptions serve;
  int ready_descriptor = -1;
  QueueOptions queue;
  DkimOptions dkim;
  SessionsOptions sessions;
  VaultOptions vault;
  std::string page;
  std::function<int()> chosen;
};

/// A subcommand without further ones: `run` is what it does.
CLI::App* command(CLI::App& above, Arguments& given, const char* name, const char* help, std::function<int()> run) {
  auto* app = above.add_subcommand(name, help);
  app->callback([&given, run = std::move(run)] { given.chosen = run; });
  return app;
}

CLI::App* group(CLI::App& above, const char* name, const char* help) {
  auto* app = above.add_subcommand(name, help);
  app->require_subcommand(1);
  return app;
}

void add_maintainer_keys(CLI::App* app, std::vector<std::string>& keys) {
  app->add_option("--maintainer-key", keys, "A maintainer's minisign secret key; again for each who signs")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->required()
      ->allow_extra_args(false);
}

void add_init(CLI::App& app, Arguments& given) {
  auto& options = given.init;
  auto* init_app = command(app, given, "init", "Make a pod: keys, configuration, charter 1, an empty directory",
                           [&options] { return init(options); });
  init_app->add_option("DIR", options.folder, "The pod's folder; must not exist, or be empty")->required();
  init_app->add_option("--domain", options.domain, "The domain of its addresses")->required();
  init_app
      ->add_option("--maintainer-key", options.maintainer_key,
                   "Where the first maintainer's key lies, or is to be made; never in DIR")
      ->required();
  init_app->add_option("--maintainer-name", options.maintainer_name, "What the charter calls them")
      ->capture_default_str();
  init_app->add_option("--server-key", options.server_key, "Where to put the server key, if not in DIR");
}

void add_charter(CLI::App& app, Arguments& given) {
  auto& options = given.charter;
  auto* charter = group(app, "charter", "What the community agreed on, signed");
  command(*charter, given, "show", "Print the charter in force", [&options] { return charter_show(options); });
  command(*charter, given, "new", "Print a draft of the next charter", [&options] { return charter_new(options); });
  auto* sign = command(*charter, given, "sign", "Sign a charter file; the signature is written beside it",
                       [&options] { return charter_sign(options); });
  sign->add_option("FILE", options.file, "The charter's .toml file")->required();
  add_maintainer_keys(sign, options.maintainer_keys);
  auto* verify = command(*charter, given, "verify",
                         "Verify the pod's charters and acts from the pinned hash on, or a FILE as their successor",
                         [&options] { return charter_verify(options); });
  verify->add_option("FILE", options.file, "A charter file with its signatures beside it");
  auto* accept = command(*charter, given, "accept", "Make a signed charter the pod's next",
                         [&options] { return charter_accept(options); });
  accept->add_option("FILE", options.file, "The charter's .toml file")->required();
}

void add_acts(CLI::App* app, MemberOptions& options) {
  app->add_option("NAME", options.names, "Address, name or member id")->required()->expected(1);
  app->add_option("--reason", options.reason, "For the record; one line, no address");
  add_maintainer_keys(app, options.maintainer_keys);
}

void add_member(CLI::App& app, Arguments& given) {
  auto& options = given.member;
  auto* member = group(app, "member", "Who belongs to the pod; changes are signed by maintainers");
  auto* admit = command(*member, given, "admit", "Admit newcomers; prints address and enrolment code of each, once",
                        [&options] { return member_admit(options); });
  admit->add_option("NAME", options.names, "Names or addresses")->required();
  admit->add_option("--maintainer", options.maintainer,
                    "Which NAME is the signing maintainer's own mailbox: it gets postmaster's mail");
  admit->add_option("--reason", options.reason, "For the record; one line, no address");
  add_maintainer_keys(admit, options.maintainer_keys);
  command(*member, given, "list", "Everyone", [&options] { return member_list(options); });
  auto* show = command(*member, given, "show", "One of them", [&options] { return member_show(options); });
  show->add_option("NAME", options.names, "Address, name or member id")->required()->expected(1);
  auto* suspend = command(*member, given, "suspend", "Close a mailbox for a while; its sessions end",
                          [&options] { return member_suspend(options); });
  add_acts(suspend, options);
  suspend->add_option("--hours", options.hours, "For how long; above 24 needs the charter's threshold")
      ->capture_default_str();
  add_acts(command(*member, given, "reinstate", "End a suspension", [&options] { return member_reinstate(options); }),
           options);
  add_acts(command(*member, given, "reissue", "A new enrolment code for one who has not enrolled",
                   [&options] { return member_reissue(options); }),
           options);
}

void add_alias(CLI::App& app, Arguments& given) {
  auto& options = given.alias;
  auto* alias = group(app, "alias", "Further addresses of members; changes are signed by maintainers");
  const auto add_rest = [&](CLI::App* change) {
    change->add_option("ADDRESS", options.address, "The further address")->required();
    change->add_option("--reason", options.reason, "For the record; one line, no address");
    add_maintainer_keys(change, options.maintainer_keys);
  };
  auto* add = command(*alias, given, "add", "Give a member a further address: mail for it, logins, and writing from it",
                      [&options] { return alias_add(options); });
  add->add_option("NAME", options.member, "Whose: address, name or member id")->required();
  add_rest(add);
  add_rest(command(*alias, given, "remove", "Take a further address away; mail for it is refused from then on",
                   [&options] { return alias_remove(options); }));
  command(*alias, given, "list", "All of them, or those of one member", [&options] {
    return alias_list(options);
  })->add_option("NAME", options.member, "Whose");
}

void add_domain(CLI::App& app, Arguments& given) {
  auto& options = given.domain;
  auto* domain = group(app, "domain", "Further domains of the pod; changes are signed by maintainers");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const DomainOptions&)) {
    auto* change = command(*domain, given, name, help, [&options, run] { return run(options); });
    change->add_option("DOMAIN", options.domain, "In lower case, IDNs as xn--")->required();
    change->add_option("--reason", options.reason, "For the record; one line, no address");
    add_maintainer_keys(change, options.maintainer_keys);
  };
  about_one("add", "Take mail for a further domain: its role addresses from now on, members by `alias add`",
            domain_add);
  about_one("remove", "Take no more mail for a domain; nobody may have an address there", domain_remove);
  command(*domain, given, "list", "All of them", [&options] { return domain_list(options); });
}

void add_group(CLI::App& app, Arguments& given) {
  auto& options = given.group;
  auto* all = group(app, "group", "Addresses that reach several people; changes are signed by maintainers");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const GroupOptions&)) {
    auto* one = command(*all, given, name, help, [&options, run] { return run(options); });
    one->add_option("ADDRESS", options.address, "The group's address")->required();
    return one;
  };
  const auto add_signed = [&](CLI::App* change) {
    change->add_option("--reason", options.reason, "For the record; one line, no address");
    add_maintainer_keys(change, options.maintainer_keys);
  };
  const auto add_contents = [&](CLI::App* change) {
    change->add_option("--member", options.members, "A member of the pod, or an address elsewhere; again for each")
        ->allow_extra_args(false);
    change->add_option("--posting", options.posting, "Who may write to it: group (its members), pod, or anyone");
    change->add_option("--name", options.name, "What mail programs show");
    add_signed(change);
  };
  add_contents(about_one("add", "Make a group", group_add));
  auto* change = about_one("change", "Let people in or out, or change its rule or name", group_change);
  add_contents(change);
  change->add_option("--without", options.without, "Who leaves; again for each")->allow_extra_args(false);
  add_signed(about_one("remove", "Dissolve a group; mail for it is refused from then on", group_remove));
  command(*all, given, "list", "All groups", [&options] { return group_list(options); });
  about_one("show", "One of them, with its members", group_show);
}

void add_enrol(CLI::App& app, Arguments& given) {
  auto& options = given.enrol;
  auto* enrol_app = command(app, given, "enrol",
                            "Take up a membership: reads the code, then a new password twice, from standard input",
                            [&options] { return enrol(options); });
  enrol_app->add_option("NAME", options.name,
                        "Who enrols; without it, standard input holds lines of address, tab and code, for --app only");
  enrol_app->add_flag_callback(
      "--no-password", [&options] { options.password = EnrolOptions::Password::none; }, "Choose no password");
  enrol_app->add_option("--app", options.app, "Also make an app password of this name; printed once");
}

void add_app_password(CLI::App& app, Arguments& given) {
  auto& options = given.app_password;
  auto* above = group(app, "app-password",
                      "One password for each device; needs one of the member's own secrets, "
                      "read from standard input");
  auto* add = command(*above, given, "add", "Make one; printed once", [&options] { return app_password_add(options); });
  add->add_option("NAME", options.name, "Whose")->required();
  add->add_option("DEVICE", options.slot, "What to call it")->required();
  auto* list = command(*above, given, "list", "All key slots", [&options] { return app_password_list(options); });
  list->add_option("NAME", options.name, "Whose")->required();
  auto* revoke = command(*above, given, "revoke", "Destroy one; its sessions end",
                         [&options] { return app_password_revoke(options); });
  revoke->add_option("NAME", options.name, "Whose")->required();
  revoke->add_option("SLOT", options.slot, "Its name or id")->required();
}

void add_forward(CLI::App& app, Arguments& given) {
  auto& options = given.forward;
  auto* forward = group(app, "forward",
                        "Where a member's mail goes on to; needs one of the member's own secrets, read from standard "
                        "input");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const ForwardOptions&)) {
    auto* one = command(*forward, given, name, help, [&options, run] { return run(options); });
    one->add_option("NAME", options.name, "Whose")->required();
    return one;
  };
  auto* set = about_one("set", "Send it on to an address elsewhere, from now on", forward_set);
  set->add_option("ADDRESS", options.to, "Where to; not of this pod")->required();
  set->add_flag_callback(
      "--no-copy", [&options] { options.copy = ForwardOptions::Copy::none; }, "Keep none of it here");
  about_one("clear", "Keep it here, as at first", forward_clear);
  about_one("show", "Where it goes", forward_show);
}

void add_serve(CLI::App& app, Arguments& given) {
  auto* serve_app = command(app, given, "serve", "Be the pod's server until SIGTERM or SIGINT", [&given] {
    if (given.ready_descriptor >= 0) given.serve.ready_descriptor = given.ready_descriptor;
    return serve(given.serve);
  });
  serve_app->add_option("--ready-fd", given.ready_descriptor, "Write `ready` to this descriptor once ports answer");
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
  command(*sessions, given, "list", "All connections: listener, address, TLS, since when, how long silent, whose",
          [&options] { return sessions_list(options); });
  auto* close = command(*sessions, given, "close", "End one, or all of a member's, with their protocol's goodbye",
                        [&options] { return sessions_close(options); });
  auto* one = close->add_option("ID", options.session, "As `sessions list` shows it");
  auto* whose = close->add_option("--member", options.member, "Address, name or member id; they may log in again");
  one->excludes(whose);
  close->require_option(1);
}

void add_vault_archive(CLI::App& vault, Arguments& given) {
  auto& options = given.vault;
  auto* archive = group(vault, "archive", "A second key that opens the member's mail: one that never was on a server");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const VaultOptions&)) {
    auto* one = command(*archive, given, name, help, [&options, run] { return run(options); });
    one->add_option("NAME", options.member, "Whose")->required();
    return one;
  };
  about_one("set", "Seal what comes from now on to an age key too; what is there stays as it is", vault_archive_set)
      ->add_option("RECIPIENT", options.recipient, "Its public half, as age-keygen prints it: age1…")
      ->required();
  about_one("clear", "No more, from now on", vault_archive_clear);
  about_one("show", "Which key; needs no secret", vault_archive_show);
}

void add_vault(CLI::App& app, Arguments& given) {
  auto& options = given.vault;
  auto* vault =
      group(app, "vault",
            "What a member's mail is kept in; where it must be opened, one of the member's own secrets is read "
            "from standard input");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const VaultOptions&)) {
    auto* one = command(*vault, given, name, help, [&options, run] { return run(options); });
    one->add_option("NAME", options.member, "Whose: address, name or member id")->required();
    return one;
  };
  const auto may_unlock = [&](CLI::App* one) {
    one->add_flag_callback(
        "--unlock", [&options] { options.key = VaultOptions::Key::asked; }, "Open it by one of the member's secrets");
  };
  const auto may_consent = [&](CLI::App* one) {
    one->add_flag_callback(
        "--yes", [&options] { options.consent = VaultOptions::Consent::given; }, "Do not ask before anything is done");
  };
  auto* verify =
      about_one("verify", "Name what is wrong, and change nothing. Exit status 0: sound, 1: faults, 2: could not look",
                vault_verify);
  auto* who = verify->get_option("NAME")->required(false);
  verify->add_flag("--all", options.everybody, "Everybody's, as far as it shows without their secrets")->excludes(who);
  verify->require_option(1, 3);
  may_unlock(verify);
  auto* repair = about_one("repair", "Mend what `vault verify` names and what loses nothing by it", vault_repair);
  may_consent(repair);
  repair->add_flag("--drop-lost", options.drop_lost, "Also expunge messages whose file or record is lost");
  repair->add_flag("--empty-quarantine", options.empty_quarantine, "Also delete for good what was put aside");
  may_unlock(about_one("stats", "What it takes: files, octets, journal, slots, quarantine", vault_stats));
  about_one("compact", "Write its journal anew, without what is dead in it", vault_compact);
  about_one("reindex", "Make its search index anew", vault_reindex);
  may_consent(about_one("rekey",
                        "After a theft: new keys. Only the secret that is given opens it then; all others are revoked",
                        vault_rekey));
  add_vault_archive(*vault, given);
}

CommandTree::Option option_of(const CLI::Option& given) {
  CommandTree::Option option;
  for (const auto& name : given.get_snames()) option.names.push_back("-" + name);
  for (const auto& name : given.get_lnames()) option.names.push_back("--" + name);
  if (option.names.empty()) option.names.push_back(given.get_name(true));
  option.help = given.get_description();
  option.fallback = given.get_default_str();
  option.environment = given.get_envname();
  option.takes_value = given.get_items_expected_max() > 0;
  option.required = given.get_required();
  option.repeatable = given.get_items_expected_max() > 1;
  return option;
}

CommandTree tree_of(const CLI::App& app) {
  CommandTree tree{app.get_name(), app.get_description(), {}, {}};
  for (const auto* option : app.get_options()) {
    // Each has its --help; said once is enough.
    if (app.get_parent() == nullptr || option->get_name() != "--help") tree.options.push_back(option_of(*option));
  }
  // What is in no group is for the build, not for people.
  for (const auto* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) tree.commands.push_back(tree_of(*command));
  }
  return tree;
}

/// Manual pages and completions, for the build.
void add_manual(CLI::App& app, Arguments& given) {
  auto* manual = command(app, given, "manual", "A manual page or a completion, on standard output", [&app, &given] {
    const auto page = manual_page(given.page, tree_of(app));
    if (!page) {
      remark("mailpod: there is no page {}; there are {}\n", given.page, fmt::join(manual_pages(), " "));
      return 2;
    }
    say("{}", *page);
    return 0;
  });
  manual->group("");
  manual->add_option("PAGE", given.page)->required();
}

/// Of words that lead nowhere CLI11 says only what it expected instead.
int misused(const CLI::App& app, const CLI::ParseError& error, int count, char** arguments) {
  const auto help_wanted = error.get_exit_code() == 0;
  const std::vector<std::string> words(arguments + std::min(1, count), arguments + count);
  if (const auto wrong = help_wanted ? std::nullopt : unknown_command(tree_of(app), words)) {
    remark("mailpod: {}\n", *wrong);
    return 2;
  }
  return app.exit(error) == 0 ? 0 : 2;
}

/// What was said once for all goes where each command looks for it.
void share(Arguments& given) {
  given.charter.common = given.member.common = given.alias.common = given.domain.common = given.group.common =
      given.enrol.common = given.app_password.common = given.forward.common = given.serve.common = given.queue.common =
          given.dkim.common = given.sessions.common = given.vault.common = given.common;
}

}  // namespace

int run_command_line(int count, char** arguments) {
  Arguments given;
  CLI::App app("Mailpod: mail that a community runs for itself", "mailpod");
  app.set_version_flag("--version", MAILPOD_VERSION);
  app.add_option("--pod", given.common.pod, "The pod's folder")->capture_default_str()->envname("MAILPOD_POD");
  app.add_flag_callback(
      "--json", [&given] { given.common.output = Output::json; }, "Answer in JSON, where there is an answer");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Answers go to standard output, all else to standard error. Secrets are read from standard input only.");
  add_init(app, given);
  add_charter(app, given);
  add_member(app, given);
  add_alias(app, given);
  add_domain(app, given);
  add_group(app, given);
  add_enrol(app, given);
  add_app_password(app, given);
  add_forward(app, given);
  add_serve(app, given);
  add_queue(app, given);
  add_dkim(app, given);
  add_vault(app, given);
  add_sessions(app, given);
  command(app, given, "health", "Whether every part of the daemon answers; the exit status says it to monitors",
          [&given] { return health(given.common); });
  command(app, given, "reload", "Have the daemon read mailpod.toml and the certificates again",
          [&given] { return reload(given.common); });
  command(app, given, "status", "What the pod is doing", [&given] { return status(given.common); });
  command(app, given, "check", "Whether all is well, and what to do where it is not",
          [&given] { return check(given.common); });
  add_manual(app, given);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return misused(app, error, count, arguments);
  }
  share(given);
  return given.chosen();
}

}  // namespace mailpod::daemon
