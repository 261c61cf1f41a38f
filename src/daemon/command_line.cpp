#include "command_line.hpp"

#include <functional>

#include "command_line/subcommands.hpp"
#include "command_tree.hpp"
#include "manual.hpp"
#include "terminal.hpp"

namespace mailpod::daemon {
namespace {

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
  const auto among = [&](auto&... commands) { ((commands.common = given.common), ...); };
  among(given.charter, given.member, given.alias, given.domain, given.group, given.invite, given.join.enrol,
        given.vouch, given.enrol, given.app_password, given.password, given.totp, given.forward);
  among(given.caution, given.serve, given.queue, given.reports, given.dkim, given.card, given.ledger, given.audit,
        given.vote, given.sessions, given.vault, given.export_mail, given.import_mail, given.act, given.report,
        given.transparency);
}

}  // namespace

CLI::App* command(CLI::App& above, Arguments& given, const char* name, const char* help, std::function<int()> run) {
  auto* app = above.add_subcommand(name, help);
  app->callback([&given, run = std::move(run)] { given.chosen = run; });
  return app;
}

CLI::App* command_here(CLI::App& above, Arguments& given, const char* name, const char* help,
                       std::function<int()> run) {
  return command(above, given, name, help, [&given, run = std::move(run), words = std::string(name)] {
    if (given.common.at.empty()) return run();
    remark("mailpod: {} is done on the pod's own machine, not at {}\n", words, given.common.at);
    remark("  → log in there; without --at and MAILPOD_AT, --pod or MAILPOD_POD names the pod's folder\n");
    return 2;
  });
}

CLI::App* group(CLI::App& above, const char* name, const char* help) {
  auto* app = above.add_subcommand(name, help);
  app->require_subcommand(1);
  return app;
}

int run_command_line(int count, char** arguments) {
  Arguments given;
  CLI::App app("Mailpod: mail that a community runs for itself", "mailpod");
  app.set_version_flag("--version", MAILPOD_VERSION);
  app.add_option("--pod", given.common.pod, "The pod's folder")->capture_default_str()->envname("MAILPOD_POD");
  app.add_option("--at", given.common.at,
                 "Instead, the pod's host and port (HOST[:PORT]) where members look after their own affairs")
      ->envname("MAILPOD_AT");
  app.add_option("--ca", given.common.ca,
                 "With --at: a PEM file of who is believed to say whose the certificate is, if not the machine's own")
      ->envname("MAILPOD_CA");
  app.add_flag_callback(
      "--json", [&given] { given.common.output = Output::json; }, "Answer in JSON, where there is an answer");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Answers go to standard output, all else to standard error. Secrets are read from standard input only.");
  add_maintainers_commands(app, given);
  add_votes_commands(app, given);
  add_care_commands(app, given);
  add_members_commands(app, given);
  add_administrators_commands(app, given);
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
