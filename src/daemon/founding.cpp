#include "founding.hpp"

#include <algorithm>
#include <filesystem>

#include <mailpod/crypto/minisign.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/text/ascii.hpp>

#include "certificate.hpp"
#include "maintainer_keys.hpp"
#include "pod_keys.hpp"
#include "server_key.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
namespace minisign = crypto::minisign;

constexpr std::chrono::days first_charter_validity{365};
// Longer than the charter: once it has expired, maintainers in term must still be able to sign the next.
constexpr std::chrono::days first_term{3 * 365};

constexpr std::string_view constitution =
    "This pod belongs to its members. Whoever is admitted may use it, may leave it with all of their mail, and may\n"
    "read in this charter who maintains it and what maintainers may do. Maintainers cannot read mail.\n"
    "\n"
    "Replace this text by what your community agrees on: rights, duties, how disputes are settled.\n";

bool is_inside(const std::string& path, const std::string& folder) {
  namespace fs = std::filesystem;
  const auto outer = fs::weakly_canonical(fs::absolute(folder));
  const auto inner = fs::weakly_canonical(fs::absolute(path));
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

std::string parent_of(const std::string& path) {
  return std::filesystem::absolute(path).parent_path().string();
}

governance::Verdict<void> check_places(base::Disk& disk, const FoundingRequest& request) {
  if (is_inside(request.maintainer_key, request.folder))
    return Complaint{Errc::bad_value, request.maintainer_key, 0, "the maintainer's key would lie in the pod's folder",
                     "name another place: whoever steals the pod's disk must not get the key that governs it"};
  if (!disk.status(parent_of(request.folder)))
    return Complaint{Errc::bad_value, parent_of(request.folder), 0, "there is no such folder", "make it first"};
  const auto status = disk.status(request.folder);
  if (status && (status->kind != base::Disk::Kind::directory || !disk.list(request.folder).empty()))
    return Complaint{Errc::bad_value, request.folder, 0, "there is something already",
                     "name a new folder; what an interrupted `mailpod init` left may be removed"};
  return {};
}

/// The key at `path`; made if there is none.
governance::Verdict<minisign::SecretKey> maintainer_key(const OpenPod::Machine& machine, const std::string& path) {
  if (machine.disk.status(path)) return read_maintainer_key(machine.disk, machine.arena, path);
  auto key = minisign::SecretKey::random(machine.arena, machine.entropy);
  std::string file = key.file();
  base::replace_file(machine.disk, path, file);
  crypto::wipe(file);
  base::replace_file(machine.disk, path + ".pub", key.public_key().file());
  return key;
}

governance::Charter first_charter(const OpenPod::Machine& machine, const FoundingRequest& request,
                                  const minisign::PublicKey& maintainer, const crypto::PublicKey& pod_key) {
  const auto now = base::from_seconds(base::to_seconds(machine.clock.now()));
  governance::Charter charter;
  charter.pod = request.domain;
  charter.issued = charter.effective = now;
  charter.expires = now + first_charter_validity;
  // A member id is kept for the maintainer, so that postmaster's mail has an addressee from the first admission on.
  charter.maintainers.push_back(
      {request.maintainer_name, maintainer, now, now + first_term, MemberId{machine.entropy.bytes<16>()}});
  charter.federation.pod_key = pod_key;
  charter.text = constitution;
  return charter;
}

governance::Verdict<governance::Hash> found_charter(const OpenPod::Machine& machine, const PodFolder& folder,
                                                    const governance::Charter& charter,
                                                    const minisign::SecretKey& maintainer) {
  governance::SignedFile file{"charter-0001.toml", governance::write_charter(charter), {}};
  auto signature = governance::sign(maintainer, file.octets, file.name);
  if (!signature.has_value()) return signature.error();
  file.minisigs.push_back(std::move(*signature));
  const auto founded = governance::Registry::found(machine.disk, folder.governance(), file);
  if (!founded.has_value()) return founded.error();
  return governance::identity(file.octets);
}

void write_certificate(const OpenPod::Machine& machine, const PodFolder& folder, const std::string& domain) {
  machine.disk.make_directory(folder.tls());
  auto made = make_self_signed({domain, "localhost"}, machine.clock.now());
  base::replace_file(machine.disk, base::join(folder.tls(), "certificate.pem"), made.certificate);
  base::replace_file(machine.disk, base::join(folder.tls(), "key.pem"), made.key);
  crypto::wipe(made.key);
}

/// A first key of each kind, in use at once: until its records are in DNS, what it signs counts as unsigned.
void make_dkim_keys(const OpenPod::Machine& machine, const PodFolder& folder, const std::string& domain,
                    const crypto::Key& server_key) {
  mailauth::DkimKeyring keys({machine.disk, machine.clock, machine.entropy, machine.log, machine.arena, server_key},
                             folder.dkim());
  for (const auto& key : keys.prepare(text::lower(domain))) keys.activate(key.domain, key.selector).value();
}

}  // namespace

governance::Verdict<Founding> found_pod(const OpenPod::Machine& machine, const FoundingRequest& request) {
  if (const auto places = check_places(machine.disk, request); !places.has_value()) return places.error();
  const PodFolder folder{request.folder};
  Configuration configuration;
  configuration.domain = request.domain;
  if (!request.server_key.empty()) configuration.server_key = std::filesystem::absolute(request.server_key).string();
  // Asked now, before anything is written, whether such a configuration could be read.
  const auto readable = parse_configuration(write_configuration(configuration), folder.configuration());
  if (!readable.has_value()) return readable.error();

  auto maintainer = maintainer_key(machine, request.maintainer_key);
  if (!maintainer.has_value()) return maintainer.error();

  auto& disk = machine.disk;
  disk.make_directory(folder.path);
  const auto server_key = crypto::Key::random(machine.arena, machine.entropy);
  write_server_key(disk, folder.at(configuration.server_key), server_key);
  const auto pod_key = crypto::SigningKey::random(machine.arena, machine.entropy);
  write_pod_key(disk, folder.pod_key(), pod_key, server_key, request.domain, machine.entropy);
  write_certificate(machine, folder, request.domain);

  const auto charter = first_charter(machine, request, maintainer->public_key(), pod_key.public_key());
  const auto pinned = found_charter(machine, folder, charter, *maintainer);
  if (!pinned.has_value()) return pinned.error();
  configuration.charter = *pinned;

  disk.make_directory(folder.members());
  auto directory = members::Directory::found({disk, machine.clock, machine.entropy, machine.log, machine.arena},
                                             folder.directory(), server_key, {request.domain});
  if (!directory.has_value())
    return Complaint{Errc::bad_value, folder.directory(), 0, directory.error().message(), "name another domain"};
  (*directory)->close();
  make_dkim_keys(machine, folder, request.domain, server_key);

  base::replace_file(disk, folder.configuration(), write_configuration(configuration));
  disk.sync_directory(folder.path);
  disk.sync_directory(parent_of(folder.path));
  return Founding{*pinned, maintainer->public_key().str(), write_server_key_code(server_key)};
}

}  // namespace mailpod::daemon
