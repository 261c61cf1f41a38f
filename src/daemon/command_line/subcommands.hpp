#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "../commands.hpp"

/// How subcommands are added to the command line: a file for each kind of user. CLI11 takes seconds to compile; only
/// what lies in this folder includes it.
namespace mailpod::daemon {

/// What the arguments fill in; one for the process.
struct Arguments {
  Common common;
  InitOptions init;
  CharterOptions charter;
  MemberOptions member;
  AliasOptions alias;
  DomainOptions domain;
  GroupOptions group;
  InviteOptions invite;
  JoinOptions join;
  VouchOptions vouch;
  EnrolOptions enrol;
  AppPasswordOptions app_password;
  PasswordOptions password;
  TotpOptions totp;
  ForwardOptions forward;
  CautionOptions caution;
  ServeOptions serve;
  int ready_descriptor = -1;
  int passphrase_descriptor = -1;
  QueueOptions queue;
  ReportsOptions reports;
  DkimOptions dkim;
  CardOptions card;
  LedgerOptions ledger;
  AuditOptions audit;
  VoteOptions vote;
  ActOptions act;
  ReportOptions report;
  TransparencyOptions transparency;
  SessionsOptions sessions;
  VaultOptions vault;
  ExportOptions export_mail;
  ImportOptions import_mail;
  std::string page;
  std::function<int()> chosen;
};

/// A subcommand without further ones: `run` is what it does.
CLI::App* command(CLI::App& above, Arguments& given, const char* name, const char* help, std::function<int()> run);
/// The same for what can only be done on the pod's own machine: asked for elsewhere, it says so.
CLI::App* command_here(CLI::App& above, Arguments& given, const char* name, const char* help, std::function<int()> run);
/// One that has further ones, and needs one of them.
CLI::App* group(CLI::App& above, const char* name, const char* help);

/// What maintainers sign: founding, charter, members, addresses.
void add_maintainers_commands(CLI::App& app, Arguments& given);
/// What maintainers open, members cast their ballots in, and anybody counts.
void add_votes_commands(CLI::App& app, Arguments& given);
/// Acts as files, disputes, announcements, reports, and what a year's record adds up to.
void add_care_commands(CLI::App& app, Arguments& given);
/// What members do with their own secrets.
void add_members_commands(CLI::App& app, Arguments& given);
/// What whoever runs the machine does: serving, the queue, DKIM keys, sessions, and how it all is.
void add_administrators_commands(CLI::App& app, Arguments& given);

}  // namespace mailpod::daemon
