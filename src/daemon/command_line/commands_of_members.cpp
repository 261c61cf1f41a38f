#include "subcommands.hpp"

namespace mailpod::daemon {
namespace {

/// What a newcomer chooses.
void add_choices(CLI::App* app, EnrolOptions& options) {
  app->add_flag_callback(
      "--no-password", [&options] { options.password = EnrolOptions::Password::none; }, "Choose no password");
  app->add_option("--app", options.app, "Also make an app password of this name; printed once");
  app->add_flag_callback(
      "--no-recovery-code", [&options] { options.recovery = EnrolOptions::Recovery::none; },
      "Make no code for the day when all else is lost; otherwise one is printed, once");
}

void add_join(CLI::App& app, Arguments& given) {
  auto& options = given.join;
  auto* join_app = command(app, given, "join",
                           "Become a member: reads the invitation, then whether the charter that it shows is accepted, "
                           "then a new password twice, from standard input. Again after a failure, it goes on",
                           [&options] { return join(options); });
  join_app->add_option("NAME", options.enrol.name, "The address to have, or its name alone")->required();
  join_app
      ->add_option("--citizen-key", options.citizen_key,
                   "The file of your own key, by which you join, vouch and vote; made if it is not there. Keep it")
      ->envname("MAILPOD_CITIZEN_KEY")
      ->required();
  join_app->add_option("--accept", options.accept,
                       "The SHA-256 of the charter that you read and accept; none is shown");
  join_app->add_flag_callback(
      "--no-invitation", [&options] { options.invitation = JoinOptions::Invitation::none; },
      "Where anybody may join: none is read");
  add_choices(join_app, options.enrol);
}

void add_vouches(CLI::App& app, Arguments& given) {
  auto& options = given.vouch;
  const auto about_one = [&](const char* name, const char* help, int (*run)(const VouchOptions&)) {
    auto* one = command(app, given, name, help, [&options, run] { return run(options); });
    one->add_option("NEWCOMER", options.newcomer,
                    "Their id, as `candidates` shows it; their address on the pod's machine")
        ->required();
    one->add_option("--citizen-key", options.citizen_key, "Your own secret key")
        ->envname("MAILPOD_CITIZEN_KEY")
        ->required();
    one->add_flag_callback(
        "--withdraw", [&options] { options.word = VouchOptions::Word::withdrawn; },
        "Take back what you said of them, for or against");
    return one;
  };
  about_one("vouch", "Vouch for somebody who asks to join; public, under your signature", vouch);
  about_one("object", "Object to somebody's joining; public, under your signature. They do not join while you do",
            object_to)
      ->add_option("--reason", options.reason, "For the record; one line, no address");
  command(app, given, "candidates", "Who asks to join, who vouches or objects, and when they join", [&options] {
    return candidates(options);
  })->add_option("NAME", options.name, "With --at: who asks, whose password is read from standard input");
}

void add_enrol(CLI::App& app, Arguments& given) {
  auto& options = given.enrol;
  auto* enrol_app = command(app, given, "enrol",
                            "Take up a membership: reads the code, then a new password twice, from standard input",
                            [&options] { return enrol(options); });
  enrol_app->add_option("NAME", options.name,
                        "Who enrols; without it, standard input holds lines of address, tab and code, for --app only");
  add_choices(enrol_app, options);
}

void add_app_password(CLI::App& app, Arguments& given) {
  auto& options = given.app_password;
  auto* above = group(app, "app-password",
                      "One password for each device; needs one of the member's own secrets, "
                      "read from standard input");
  auto* add = command(*above, given, "add", "Make one; printed once", [&options] { return app_password_add(options); });
  add->add_option("NAME", options.name, "Whose")->required();
  add->add_option("DEVICE", options.slot, "What to call it")->required();
  auto* scopes = add->add_option("--scopes", options.scopes,
                                 "What it may do, of imap, send, jmap and dav: imap,send. Without it, what the secret "
                                 "may that makes it")
                     ->delimiter(',')
                     ->check(CLI::IsMember({"imap", "send", "jmap", "dav"}));
  add->add_flag_callback(
         "--send-only", [&options] { options.kind = AppPasswordOptions::Kind::send_only; },
         "It sends mail and opens none: for a printer, a script")
      ->excludes(scopes);
  add->add_option("--days", options.days, "It ends after so many days")->check(CLI::Range(1, 3650));
  auto* list = command(*above, given, "list", "All key slots", [&options] { return app_password_list(options); });
  list->add_option("NAME", options.name, "Whose")->required();
  auto* revoke = command(*above, given, "revoke", "Destroy one; its sessions end",
                         [&options] { return app_password_revoke(options); });
  revoke->add_option("NAME", options.name, "Whose")->required();
  revoke->add_option("SLOT", options.slot, "Its name or id")->required();
}

void add_password(CLI::App& app, Arguments& given) {
  auto& options = given.password;
  command(app, given, "password",
          "Choose a new password: reads the old one, an app password or the recovery code, then the new one twice",
          [&options] { return password(options); })
      ->add_option("NAME", options.name, "Whose")
      ->required();
  command(app, given, "recovery-code",
          "Make a new recovery code, for the day when all else is lost; printed once. Earlier ones are destroyed",
          [&options] { return recovery_code(options); })
      ->add_option("NAME", options.name, "Whose")
      ->required();
}

void add_totp(CLI::App& app, Arguments& given) {
  auto& options = given.totp;
  auto* totp = group(app, "totp", "One-time codes beside the password, by an authenticator");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const TotpOptions&)) {
    command(*totp, given, name, help, [&options, run] { return run(options); })
        ->add_option("NAME", options.name, "Whose")
        ->required();
  };
  about_one("enable", "Ask for them from now on: reads the password, prints a key for the authenticator, reads a code",
            totp_enable);
  about_one("disable", "Ask for them no more: reads the password, then a code", totp_disable);
  about_one("status", "Whether they are asked for, and how many back-up codes are left", totp_status);
}

void add_forward(CLI::App& app, Arguments& given) {
  auto& options = given.forward;
  auto* forward = group(app, "forward",
                        "Where a member's mail goes on to; needs one of the member's own secrets, read from standard "
                        "input; to change it, one without limits");
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

void add_caution(CLI::App& app, Arguments& given) {
  auto& options = given.caution;
  auto* caution =
      group(app, "caution",
            "How a member's mail is met that the pod would take; needs one of the member's own secrets, read "
            "from standard input; to change it, one without limits");
  const auto about_one = [&](const char* name, const char* help, int (*run)(const CautionOptions&)) {
    command(*caution, given, name, help, [&options, run] { return run(options); })
        ->add_option("NAME", options.name, "Whose")
        ->required();
  };
  about_one("set", "What does not show that it comes from the domain in From goes into Junk", caution_set);
  about_one("clear", "Mail goes where the pod's rules put it, as at first", caution_clear);
  about_one("show", "Which of the two", caution_show);
}

/// Below `vault`, and by a name of its own, which is what people look for.
void add_archive(CLI::App& above, Arguments& given, const char* name) {
  auto& options = given.vault;
  auto* archive =
      group(above, name,
            "A second key that opens the member's mail: one that never was on a server. Set and cleared by a "
            "secret without limits");
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
  may_consent(
      about_one("rekey",
                "After a theft: new keys. Only the secret that is given opens it then, so it must have no limits; all "
                "others are revoked",
                vault_rekey));
  add_archive(*vault, given, "archive");
}

void add_export(CLI::App& app, Arguments& given) {
  auto& options = given.export_mail;
  auto* one = command(app, given, "export",
                      "Write a member's mail into files of the caller's; needs one of the member's own secrets, read "
                      "from standard input. Run again, it goes on where it ended",
                      [&options] { return export_mail(options); });
  one->add_option("NAME", options.member, "Whose: address, name or member id")->required();
  one->add_option("DIR", options.folder, "Where to; made if it is missing")->required();
  one->add_option("--format", options.format, "maildir (Maildir++), mbox, or age: one sealed file a message")
      ->capture_default_str()
      ->check(CLI::IsMember({"maildir", "mbox", "age"}));
  one->add_option("--mailbox", options.mailboxes, "Only this one; again for more")->allow_extra_args(false);
  one->add_option("--recipient", options.recipient,
                  "Of age files: a key as age-keygen prints it, age1…; without it the member's archive key");
}

void add_import(CLI::App& app, Arguments& given) {
  auto& options = given.import_mail;
  auto* one = command(app, given, "import",
                      "Take mail of another server or program into a member's mailboxes; needs one of the member's own "
                      "secrets, read from standard input. Run again, it takes what is not there yet",
                      [&options] { return import_mail(options); });
  one->add_option("NAME", options.member, "Whose: address, name or member id")->required();
  one->add_option("PATH", options.path, "A Maildir, an mbox file, or a folder of mbox files")->required();
  one->add_option("--format", options.format, "maildir or mbox; without it, as PATH looks")
      ->check(CLI::IsMember({"maildir", "mbox"}));
  one->add_option("--into", options.into, "Below this mailbox, INBOX into it itself; without it, as they are called");
}

}  // namespace

void add_members_commands(CLI::App& app, Arguments& given) {
  add_join(app, given);
  add_vouches(app, given);
  add_enrol(app, given);
  add_app_password(app, given);
  add_password(app, given);
  add_totp(app, given);
  add_forward(app, given);
  add_caution(app, given);
  add_vault(app, given);
  add_archive(app, given, "archive-key");
  add_export(app, given);
  add_import(app, given);
}

}  // namespace mailpod::daemon
