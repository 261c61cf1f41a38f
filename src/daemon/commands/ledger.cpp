#include <nlohmann/json.hpp>

#include <mailpod/governance/note.hpp>

#include "../answers.hpp"
#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// The pod's ledger, and those that this pod witnesses.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

governance::Verdict<std::string> read_note_file(base::Disk& disk, const std::string& path) {
  if (!disk.status(path))
    return Complaint{Errc::missing_key, path, 0, "there is no such file", "name a checkpoint or a proof"};
  return base::read_file(disk, path, governance::largest_note);
}

/// One text of the answer as it is; with --json, the answer.
int say_text(const Common& common, const governance::Verdict<json>& answer, const char* field) {
  if (!answer.has_value()) return complain(answer.error());
  if (common.output == Output::json) {
    say("{}\n", answer->dump(2));
  } else {
    say("{}", answer->at(field).get<std::string>());
  }
  return 0;
}

}  // namespace

int ledger_show(const LedgerOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("ledger.show", json::object());
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
    return 0;
  }
  say("ledger      {}\nleaves      {}\nkey         {}\nas witness  {}\n", shown->at("origin").get<std::string>(),
      shown->at("leaves").get<std::uint64_t>(), shown->at("key").get<std::string>(),
      shown->at("witness_key").get<std::string>());
  for (const auto& witness : shown->at("witnesses"))
    say("witness     {}{}\n", witness.at("key").get<std::string>(),
        witness.at("cosigned").is_null() ? "  (not under the newest checkpoint)" : "");
  say("\n{}", shown->at("checkpoint").get<std::string>());
  return 0;
}

int ledger_prove(const LedgerOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  json arguments = json::object();
  if (options.since) arguments["since"] = *options.since;
  if (options.leaf) arguments["index"] = *options.leaf;
  return say_text(options.common, office.ask("ledger.prove", std::move(arguments)), "proof");
}

int ledger_witness(const LedgerOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto checkpoint = read_note_file(machine.disk, options.file);
  if (!checkpoint.has_value()) return complain(checkpoint.error());
  json arguments{{"name", options.file}, {"checkpoint", *checkpoint}, {"key", options.key}};
  if (!options.proof.empty()) {
    const auto proof = read_note_file(machine.disk, options.proof);
    if (!proof.has_value()) return complain(proof.error());
    arguments["proof"] = *proof;
  }
  Office office(machine, options.common);
  return say_text(options.common, office.ask("ledger.witness", std::move(arguments)), "checkpoint");
}

int ledger_cosign_add(const LedgerOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto checkpoint = read_note_file(machine.disk, options.file);
  if (!checkpoint.has_value()) return complain(checkpoint.error());
  Office office(machine, options.common);
  const auto added = office.ask(
      "ledger.cosign-add", {{"name", options.file}, {"checkpoint", *checkpoint}, {"witnesses", options.witnesses}});
  if (!added.has_value()) return complain(added.error());
  if (options.common.output == Output::json) {
    say("{}\n", added->dump(2));
  } else {
    say("{} new cosignatures\n", added->at("added").get<std::size_t>());
  }
  return 0;
}

}  // namespace mailpod::daemon
