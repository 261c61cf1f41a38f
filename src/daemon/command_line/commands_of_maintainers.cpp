#include <mailpod/governance/act.hpp>

#include "subcommands.hpp"

namespace mailpod::daemon {
namespace {

void add_maintainer_keys(CLI::App* app, std::vector<std::string>& keys) {
  app->add_option("--maintainer-key", keys, "A maintainer's minisign secret key; again for each who signs")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->required()
      ->allow_extra_args(false);
}

void add_init(CLI::App& app, Arguments& given) {
  auto& options = given.init;
  auto* init_app = command_here(app, given, "init", "Make a pod: keys, configuration, charter 1, an empty directory",
                                [&options] { return init(options); });
  init_app->add_option("DIR", options.folder, "The pod's folder; must not exist, or be empty")->required();
  init_app->add_option("--domain", options.domain, "The domain of its addresses")->required();
  init_app->add_option("--maintainer-key", options.maintainer_key,
                       "Where the first maintainer's key lies, or is to be made; never in DIR. Not with --charter");
  init_app->add_option("--maintainer-name", options.maintainer_name, "What the charter calls them")
      ->capture_default_str();
  init_app->add_option(
      "--template", options.charter_template,
      "Charter 1 has the rules and text of this one: association, family, federation-hub, housing-coop, "
      "school, or a charter's file");
  init_app->add_option("--charter", options.charter,
                       "Instead of making charter 1: the .toml file of one that all its founders signed");
  init_app->add_option("--server-key", options.server_key, "Where to put the server key, if not in DIR");
}

void add_charter(CLI::App& app, Arguments& given) {
  auto& options = given.charter;
  auto* charter = group(app, "charter", "What the community agreed on, signed");
  command(*charter, given, "show", "Print the charter in force", [&options] { return charter_show(options); });
  auto* draft = command(*charter, given, "new", "Print a draft of the next charter, or of the first one of a new pod",
                        [&options] { return charter_new(options); });
  draft->add_option("--template", options.charter_template,
                    "With the rules and text of association, family, federation-hub, housing-coop, school, or a file");
  draft->add_option("--domain", options.domain, "Charter 1 of a pod of this domain, which is yet to be made");
  draft->add_option("--days", options.days, "From now until it takes effect; without it, a day more than the notice")
      ->check(CLI::Range(1U, 365U));
  auto* diff = command(*charter, given, "diff", "What a charter changes, in plain words, and what that demands",
                       [&options] { return charter_diff(options); });
  diff->add_option("FILE", options.file, "The charter's .toml file")->required();
  diff->add_option("LAST", options.other, "The charter it is compared with; without it, the pod's newest");
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
  command(*charter, given, "log", "All charters accepted, and who signed them",
          [&options] { return charter_log(options); });
  auto* explain = command(*charter, given, "explain", "What the rules mean, in plain words, and what they allow now",
                          [&options] { return charter_explain(options); });
  explain->add_option("FILE", options.file, "Another charter's .toml file");
}

void add_acts(CLI::App* app, MemberOptions& options) {
  app->add_option("NAME", options.names, "Address, name or member id")->required()->expected(1);
  app->add_option("--reason", options.reason, "For the record; one line, no address");
  add_maintainer_keys(app, options.maintainer_keys);
}

void add_departures(CLI::App& member, Arguments& given) {
  auto& options = given.member;
  const auto takes_receipt = [&](CLI::App* one) {
    one->add_option("--receipt", options.receipt, "A file to write the receipt to, FILE.minisig beside it");
  };
  auto* forget = command(
      member, given, "forget",
      "Let a member go, and destroy their mail and keys, for good. By their own wish, with "
      "their password, or an app password without limits, from standard input; or as maintainers decided, who sign",
      [&options] { return member_forget(options); });
  forget->add_option("NAME", options.names, "Address, name or member id")->required()->expected(1);
  forget->add_option("--reason", options.reason, "For the record; one line, no address");
  forget->add_option("--maintainer-key", options.maintainer_keys, "A maintainer's minisign secret key; again for each")
      ->allow_extra_args(false);
  forget->add_flag("--with-address", options.names_address, "Name the address in the receipt");
  forget->add_flag_callback(
      "--yes", [&options] { options.consent = MemberOptions::Consent::given; }, "Do not ask before it is done");
  takes_receipt(forget);
  auto* receipt = command(member, given, "receipt", "Once more the receipt of one who left, for 30 days",
                          [&options] { return member_receipt(options); });
  receipt->add_option("ID", options.names, "The member's id")->required()->expected(1);
  takes_receipt(receipt);
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
  auto* quota = command(*member, given, "quota", "Let a member keep more or less than the charter says",
                        [&options] { return member_quota(options); });
  add_acts(quota, options);
  quota->add_option("--mib", options.quota_mib, "MiB of mail; without it, as many as the charter says")
      ->check(CLI::Range(1U, governance::most_quota_mib));
  quota->add_option("--messages", options.quota_messages, "Messages; without it, as many as the charter says")
      ->check(CLI::Range(1U, governance::most_quota_messages));
  auto* citizen_key = command(*member, given, "citizen-key",
                              "Register by which key a member vouches, and votes from the next vote's opening on",
                              [&options] { return member_citizen_key(options); });
  add_acts(citizen_key, options);
  citizen_key
      ->add_option("--key", options.citizen_key,
                   "The public half of what `minisign -G` made: its line, or the .pub file")
      ->required();
  add_departures(*member, given);
  auto* report =
      command(*member, given, "data-report",
              "All that the pod stores about a member, for them; they prove themselves by one of their secrets",
              [&options] { return member_data_report(options); });
  report->add_option("NAME", options.names, "Address, name or member id")->required()->expected(1);
  report->add_flag("!--without-secret", options.proves_themselves,
                   "What administrators see of it: no salts, no names of devices, not where mail goes on to");
}

void add_invitations(CLI::App& app, Arguments& given) {
  auto& options = given.invite;
  auto* invite_app =
      command(app, given, "invite", "Invite one person: prints a link and a QR code, once. The charter says who may",
              [&options] { return invite(options); });
  invite_app
      ->add_option("--maintainer-key", options.maintainer_keys,
                   "Where the maintainers invite: a maintainer's minisign secret key; again for each who signs")
      ->envname("MAILPOD_MAINTAINER_KEY")
      ->allow_extra_args(false);
  invite_app
      ->add_option("--citizen-key", options.citizen_key,
                   "Where one joins by vouches: the secret key of the member who invites, and so vouches")
      ->envname("MAILPOD_CITIZEN_KEY");
  invite_app->add_option("--days", options.days, "It ends after so many days")
      ->capture_default_str()
      ->check(CLI::Range(1U, 90U));
  invite_app->add_option("--svg", options.svg, "A file to write the QR code to, as a picture for paper or the web");
  invite_app->add_option("--reason", options.reason, "For the record; one line, no address");
  auto* above = group(app, "invitation", "Invitations that were made");
  command(*above, given, "list", "All of them: which wait, which were used, and until when they count",
          [&options] { return invitation_list(options); });
  auto* withdraw = command(*above, given, "withdraw", "One that nobody used counts no more",
                           [&options] { return invitation_withdraw(options); });
  withdraw->add_option("INVITATION", options.invitation, "As `invitation list` shows it")->required();
  withdraw->add_option("--reason", options.reason, "For the record; one line, no address");
  add_maintainer_keys(withdraw, options.maintainer_keys);
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

void add_federation(CLI::App& app, Arguments& given) {
  auto& options = given.domain;
  auto* federation = group(app, "federation", "With which other pods mail is exchanged, by charter and by acts");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const DomainOptions&)) {
    auto* one = command(*federation, given, name, help, [&options, run] { return run(options); });
    one->add_option("DOMAIN", options.domain, "Of another pod; all below it is meant too")->required();
    return one;
  };
  command(*federation, given, "list", "All entries that count, and what counts for others",
          [&options] { return federation_list(options); });
  about_one("explain", "What counts for a domain, by which line of which charter or act", federation_explain);
  auto* federate =
      about_one("federate", "Exchange mail with it from now on, whatever the charter says of it", federation_federate);
  federate->add_option("--reason", options.reason, "For the record; one line, no address");
  add_maintainer_keys(federate, options.maintainer_keys);
  auto* defederate = about_one("defederate", "Exchange no mail with it from now on; what waits for it goes back",
                               federation_defederate);
  defederate->add_option("--reason", options.reason, "Public, and told to whom it refuses; one line, no address")
      ->required();
  add_maintainer_keys(defederate, options.maintainer_keys);
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

}  // namespace

void add_maintainers_commands(CLI::App& app, Arguments& given) {
  add_init(app, given);
  add_charter(app, given);
  add_member(app, given);
  add_invitations(app, given);
  add_alias(app, given);
  add_domain(app, given);
  add_federation(app, given);
  add_group(app, given);
}

}  // namespace mailpod::daemon
