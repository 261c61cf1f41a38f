#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "charter_files.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// The record of the pod, verified from the pinned hash on, read without the lock or any key.
governance::Verdict<std::unique_ptr<governance::Registry>> verified_record(const Workplace& workplace,
                                                                           const PodFolder& folder) {
  const auto machine = workplace.machine();
  const auto configuration = read_configuration(machine.disk, folder.path);
  if (!configuration.has_value()) return configuration.error();
  return governance::Registry::open({machine.disk, folder.governance(), configuration->charter, std::nullopt});
}

}  // namespace

int charter_show(const CharterOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
  } else {
    say("{}", shown->at("text").get<std::string>());
  }
  return 0;
}

int charter_new(const CharterOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return complain(shown.error());
  auto next = governance::parse_charter(shown->at("latest").get<std::string>(), "the newest charter");
  if (!next.has_value()) return complain(next.error());
  const auto now = base::from_seconds(base::to_seconds(workplace.machine().clock.now()));
  const auto identity = base::unhex(shown->at("latest_identity").get<std::string>()).value_or("");
  next->prev = base::byte_array<32>(identity);
  next->seq += 1;
  next->issued = now;
  // A day to agree and sign before the notice begins.
  next->effective = now + std::chrono::days(1) + std::chrono::days(next->votes.notice_days);
  next->expires = next->effective + std::chrono::days(365);
  say("{}", governance::write_charter(*next));
  return 0;
}

int charter_sign(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return complain(keys.error());
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  const auto charter = governance::parse_charter(file->octets, options.file);
  if (!charter.has_value()) return complain(charter.error());
  for (const auto& key : keys->keys()) {
    const auto signature = governance::sign(key, file->octets, options.file);
    if (!signature.has_value()) return complain(signature.error());
    const auto path = signature_path(options.file, key.public_key().id_text());
    base::replace_file(machine.disk, path, *signature);
    say("{}\n", path);
  }
  return 0;
}

int charter_verify(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto record = verified_record(workplace, {options.common.pod});
  if (!record.has_value()) return complain(record.error());
  const auto roster = (*record)->gate().roster();
  if (options.file.empty()) {
    say("OK  {} charters and {} entries, from the pinned hash on; charter {} is in force\n", roster->charters().size(),
        (*record)->tally().count, roster->charters().at(machine.clock.now()).seq);
    return 0;
  }
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  auto chain = roster->charters();
  const auto accepted = chain.accept(*file, machine.clock.now());
  if (!accepted.has_value()) return complain(accepted.error());
  say("OK  {} would be accepted as charter {}\n", options.file, chain.latest().seq);
  return 0;
}

int charter_accept(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  Office office(machine, options.common);
  const auto accepted = office.ask("charter.accept", {{"charter", file_json(*file)}});
  if (!accepted.has_value()) return complain(accepted.error());
  say("charter {} takes effect at {}\n", accepted->at("seq").get<std::uint64_t>(),
      accepted->at("effective").get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
