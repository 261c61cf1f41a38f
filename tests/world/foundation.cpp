#include "foundation.hpp"

#include <stdexcept>

#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/text/base64.hpp>

#include "pod_keys.hpp"
#include "server_key.hpp"
#include "simulation/community.hpp"
#include "unit/mailauth/rfc_examples.hpp"

namespace mailpod::world {
namespace {

constexpr std::uint64_t founding_seed = 7;

daemon::Configuration small_pod() {
  using namespace std::chrono_literals;
  daemon::Configuration configuration;
  configuration.domain = domain;
  configuration.message_size = 1 << 20;
  configuration.letter_memory = 32 * 1024;
  configuration.spool_memory = 128 * 1024;
  configuration.vault_linger = 20s;
  configuration.vault = {.checkpoint_tail = 4'000, .rewrite_above = 12'000, .merge_group = 2};
  configuration.argon2 = {1, 8'192};
  configuration.sending.timetable = {{60s, 120s, 300s}, 20min, 60min};
  return configuration;
}

/// One that costs nothing to make, and is always the same.
mailauth::KeyEntry dkim_key(mailauth::Algorithm algorithm, const std::string& secret, crypto::KeyArena& arena) {
  mailauth::KeyEntry entry;
  entry.domain = domain;
  entry.selector = mailauth::name_of(algorithm);
  entry.state = mailauth::KeyState::active;
  entry.key = std::make_shared<const mailauth::DkimKey>(
      mailauth::DkimKey::parse(algorithm, text::parse_base64(secret).value(), arena).value());
  return entry;
}

template <class T>
T& demand(governance::Verdict<T>& verdict) {
  if (!verdict.has_value()) throw std::runtime_error(verdict.error().text());
  return *verdict;
}

}  // namespace

Foundation& Foundation::instance() {
  static Foundation one;
  return one;
}

Foundation::Foundation() : configuration_(small_pod()) {
  simulation::Community community(1, 1, founding_seed);
  configuration_.charter = community.pin();
  const daemon::PodFolder folder{"pod"};
  for (const auto& path : {folder.path, folder.members()}) disk_->make_directory(path);
  const auto server_key = crypto::Key::random(arena_, community.entropy);
  daemon::write_server_key(*disk_, folder.at(configuration_.server_key), server_key);
  daemon::write_pod_key(*disk_, folder.pod_key(), crypto::SigningKey::random(arena_, community.entropy), server_key,
                        configuration_.domain, community.entropy);
  auto charter = governance::Registry::found(*disk_, folder.governance(), community.signed_charter());
  if (!charter.has_value()) throw std::runtime_error(charter.error().text());
  members::Directory::found({*disk_, community.clock, community.entropy, base::silent_log(), arena_},
                            folder.directory(), server_key, {configuration_.domain})
      .value()
      ->close();

  simulation::Entropy entropy(founding_seed);
  mailauth::DkimKeyring keys({*disk_, community.clock, entropy, base::silent_log(), arena_, server_key}, folder.dkim());
  keys.put(dkim_key(mailauth::Algorithm::rsa_sha256, mailauth::examples::test_secret, arena_));
  keys.put(dkim_key(mailauth::Algorithm::ed25519_sha256, mailauth::examples::ed25519_seed, arena_));

  const auto pod = open(*disk_, community.clock, community.entropy, base::silent_log());
  for (const std::string name : {"alice", "bob", "carol"}) {
    members::Admission admission;
    admission.address = name + '@' + configuration_.domain;
    admission.salt = community.entropy.bytes<32>();
    admission.act = community.sign(community.admission(community.newcomer(), admission.salt, admission.address));
    members::Admissions admissions(pod->household());
    auto admitted = admissions.admit({&admission, 1});
    const auto& invitation = demand(admitted).front();
    const members::EnrolmentRequest request{invitation.address, invitation.code, {std::nullopt, "phone"}};
    const auto enrolled = pod->key_ring().enrol(request).value();
    pod->key_ring().forget_codes({&request, 1});
    const auto& password = enrolled.app->password;
    const auto login = pod->key_ring().log_in(name, password, sasl::Scope::imap).value();
    members_.push_back({login.member, name, admission.address, password, login.vault_key});
  }
  disk_ = disk_->clean_copy();
}

std::unique_ptr<daemon::OpenPod> Foundation::open(base::Disk& disk, base::Clock& clock, base::Entropy& entropy,
                                                  base::Log& log) {
  auto opened = daemon::OpenPod::open({disk, clock, entropy, log, arena_}, {"pod"}, configuration_);
  return std::move(demand(opened));
}

std::unique_ptr<store::Vault> Foundation::open_vault(daemon::OpenPod& pod, const Member& member) {
  const auto& machine = pod.machine();
  return store::Vault::open({machine.disk, machine.clock, machine.entropy, machine.log, machine.arena},
                            base::join(pod.folder().members(), member.id.str()), member.id, member.key,
                            pod.pod_key().public_key(), pod.configuration().vault)
      .value();
}

}  // namespace mailpod::world
