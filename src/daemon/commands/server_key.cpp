#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../key_rotation.hpp"
#include "../office.hpp"
#include "../pod_keys.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// The server key's file, and its copy on paper.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

// More than a login's: it is asked for once a start.
constexpr crypto::Argon2Cost passphrase_cost{4, 256 * 1024 * 1024};
constexpr std::size_t shortest_passphrase = 12;

/// A pod at rest, whose key's file is changed: nobody works on it meanwhile.
struct AtRest {
  PodFolder folder;
  Configuration configuration;
  std::string path;  ///< of the key's file
  std::unique_ptr<base::Disk::Lock> lock;
};

governance::Verdict<AtRest> at_rest(const OpenPod::Machine& machine, const Common& common) {
  PodFolder folder{common.pod};
  auto configuration = read_configuration(machine.disk, common.pod);
  if (!configuration.has_value()) return configuration.error();
  if (PodFolder::is_credential(configuration->server_key))
    return Complaint{Errc::bad_value, configuration->server_key, 0,
                     "the server key is a credential, which only systemd can change",
                     "change the file that the credential is made from; or let pod.server_key name a file meanwhile"};
  if (auto ours = check_owner(machine.disk, folder); !ours.has_value()) return ours.error();
  auto lock = machine.disk.lock(folder.lock());
  if (!lock)
    return Complaint{Errc::bad_value, folder.lock(), 0, "another mailpod works on this pod",
                     "stop the daemon first: it has the key in memory, and how its file is sealed"};
  auto path = folder.at(configuration->server_key);
  remove_key_leftovers(machine.disk, path);
  return AtRest{std::move(folder), std::move(*configuration), std::move(path), std::move(lock)};
}

governance::Verdict<std::string> new_passphrase() {
  auto passphrase = read_secret("new passphrase of the server key");
  if (!passphrase.has_value()) return passphrase;
  auto again = read_secret("the same again");
  if (!again.has_value()) return again;
  const bool same = *passphrase == *again;
  crypto::wipe(*again);
  if (same && passphrase->size() >= shortest_passphrase) return passphrase;
  crypto::wipe(*passphrase);
  if (!same)
    return Complaint{Errc::bad_value, "standard input", 0, "the two passphrases differ", "type the same twice"};
  return Complaint{Errc::bad_value, "standard input", 0, "the passphrase is too short",
                   "choose one of at least 12 characters; several words that nobody would put together are good"};
}

/// Says it where a person looks, and only once.
int say_share(std::string code, Output output) {
  if (output == Output::json) {
    json answer{{"code", std::move(code)}};
    say("{}\n", answer.dump(2));
    crypto::wipe(answer.at("code").get_ref<std::string&>());
  } else {
    say("server key     {}\n", code);
    crypto::wipe(code);
  }
  return 0;
}

}  // namespace

int server_key_rotate(const Common& common) {
  const Workplace workplace;
  Office office(workplace.machine(), common);
  auto rotated = office.ask("server-key.rotate", json::object());
  if (!rotated.has_value()) return complain(rotated.error());
  remark(
      "The pod has another server key. Write it on paper in the place of the old one, which opens backups from before "
      "and "
      "nothing else.\n");
  return say_share(std::move(rotated->at("code").get_ref<std::string&>()), common.output);
}

int server_key_show(const Common& common) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const PodFolder folder{common.pod};
  const auto configuration = read_configuration(machine.disk, common.pod);
  if (!configuration.has_value()) return complain(configuration.error());
  const auto key =
      read_server_key(machine.disk, folder.at(configuration->server_key), machine.arena, ask_server_key_passphrase);
  if (!key.has_value()) return complain(key.error());
  return say_share(write_server_key_code(key->key), common.output);
}

int server_key_recover(const Common& common) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto pod = at_rest(machine, common);
  if (!pod.has_value()) return complain(pod.error());
  auto code = read_secret("server key, from its paper copy");
  if (!code.has_value()) return complain(code.error());
  const auto key = parse_server_key_code(machine.arena, *code);
  crypto::wipe(*code);
  if (!key.has_value()) return complain(key.error());
  settle_rotation(machine.disk, pod->folder, *key, pod->configuration.domain);
  if (const auto opened = read_pod_key(machine.disk, pod->folder.pod_key(), *key, pod->configuration.domain);
      !opened.has_value())
    return complain({Errc::bad_value, pod->folder.pod_key(), 0, "this server key does not open the pod",
                     "look for the newest paper copy: each rotation printed another"});
  write_server_key(machine.disk, pod->path, *key);
  say("{} is there again\n", pod->path);
  return 0;
}

int server_key_seal(const Common& common) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto pod = at_rest(machine, common);
  if (!pod.has_value()) return complain(pod.error());
  const auto key = read_server_key(machine.disk, pod->path, machine.arena, ask_server_key_passphrase);
  if (!key.has_value()) return complain(key.error());
  auto passphrase = new_passphrase();
  if (!passphrase.has_value()) return complain(passphrase.error());
  const auto seal = make_passphrase_seal(machine.arena, machine.entropy, *passphrase, passphrase_cost);
  crypto::wipe(*passphrase);
  write_server_key(machine.disk, pod->path, key->key, machine.entropy, &seal);
  say("{} is sealed; whoever starts the pod is asked for the passphrase\n", pod->path);
  return 0;
}

int server_key_unseal(const Common& common) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto pod = at_rest(machine, common);
  if (!pod.has_value()) return complain(pod.error());
  const auto key = read_server_key(machine.disk, pod->path, machine.arena, ask_server_key_passphrase);
  if (!key.has_value()) return complain(key.error());
  write_server_key(machine.disk, pod->path, key->key);
  say("{} holds the key as it is; whoever reads it has it\n", pod->path);
  return 0;
}

}  // namespace mailpod::daemon
