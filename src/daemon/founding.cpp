#include "founding.hpp"

#include <algorithm>
#include <filesystem>

#include <mailpod/crypto/minisign.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/text/ascii.hpp>

#include "certificate.hpp"
#include "charter_templates.hpp"
#include "commands/charter_files.hpp"
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
  if (request.charter.empty() == request.maintainer_key.empty())
    return Complaint{Errc::bad_value, request.folder, 0,
                     "charter 1 is signed here by one maintainer, or was by its founders",
                     "give either --maintainer-key or --charter"};
  if (!request.charter.empty() && !request.charter_template.empty())
    return Complaint{Errc::bad_value, request.charter, 0, "is signed, so no template can change it",
                     "give either --charter or --template"};
  if (!request.maintainer_key.empty() && is_inside(request.maintainer_key, request.folder))
    return Complaint{Errc::bad_value, request.maintainer_key, 0, "the maintainer's key would lie in the pod's folder",
                     "name another place: whoever steals the pod's disk must not get the key that governs it"};
  if (!request.server_key.empty() && disk.status(std::filesystem::absolute(request.server_key).string()))
    return Complaint{Errc::bad_value, request.server_key, 0, "there is a key already: it may be another pod's",
                     "name a new file; to give this pod a key of your own, found it and use `mailpod server-key`"};
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

/// What charter 1 is made by: its text is ready and signed, or a maintainer is here to sign what will be.
struct FirstCharter {
  std::optional<governance::SignedFile> signed_file;
  std::optional<minisign::SecretKey> maintainer;
  std::optional<governance::Charter> rules;
};

/// Charter 1 as its founders signed it, each elsewhere. It cannot name the pod's key, which is yet to be made.
governance::Verdict<governance::SignedFile> signed_charter(base::Disk& disk, const FoundingRequest& request) {
  auto file = read_signed_file(disk, request.charter);
  if (!file.has_value()) return file.error();
  const auto chain = governance::CharterChain::found(*file, governance::identity(file->octets));
  if (!chain.has_value()) return chain.error();
  const auto& charter = chain->latest();
  if (charter.pod != request.domain)
    return Complaint{Errc::wrong_pod, request.charter, 0, "is a charter of " + charter.pod,
                     "found a pod of that domain, or sign a charter for " + request.domain};
  if (charter.federation.pod_key)
    return Complaint{Errc::bad_value, request.charter, 0, "names a key of the pod, which has none yet",
                     "leave `pod_key` to the next charter"};
  for (const auto& maintainer : charter.maintainers) {
    if (holds_a_place(maintainer.key))
      return Complaint{Errc::bad_value, request.charter, 0,
                       "has the template's key " + maintainer.key.id_text() + " still, for " + maintainer.name,
                       "put in a founder's own key, or take that maintainer out; then have all sign again"};
  }
  return file;
}

governance::Verdict<FirstCharter> first_charter_of(const OpenPod::Machine& machine, const FoundingRequest& request) {
  FirstCharter out;
  if (!request.charter.empty()) {
    auto file = signed_charter(machine.disk, request);
    if (!file.has_value()) return file.error();
    out.signed_file = std::move(*file);
    return out;
  }
  if (!request.charter_template.empty()) {
    auto rules = charter_template(machine.disk, request.charter_template);
    if (!rules.has_value()) return rules.error();
    out.rules = std::move(*rules);
  }
  auto key = maintainer_key(machine, request.maintainer_key);
  if (!key.has_value()) return key.error();
  out.maintainer = std::move(*key);
  return out;
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

governance::Verdict<governance::SignedFile> sign_charter(const governance::Charter& charter,
                                                         const minisign::SecretKey& maintainer) {
  governance::SignedFile file{"charter-0001.toml", governance::write_charter(charter), {}};
  auto signature = governance::sign(maintainer, file.octets, file.name);
  if (!signature.has_value()) return signature.error();
  file.minisigs.push_back(std::move(*signature));
  return file;
}

governance::Verdict<governance::Hash> found_charter(const OpenPod::Machine& machine, const PodFolder& folder,
                                                    const governance::SignedFile& file) {
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

  auto first = first_charter_of(machine, request);
  if (!first.has_value()) return first.error();

  auto& disk = machine.disk;
  disk.make_directory(folder.path);
  const auto server_key = crypto::Key::random(machine.arena, machine.entropy);
  write_server_key(disk, folder.at(configuration.server_key), server_key);
  const auto pod_key = crypto::SigningKey::random(machine.arena, machine.entropy);
  write_pod_key(disk, folder.pod_key(), pod_key, server_key, request.domain, machine.entropy);
  write_certificate(machine, folder, request.domain);

  if (!first->signed_file) {
    auto charter = first_charter(machine, request, first->maintainer->public_key(), pod_key.public_key());
    if (first->rules) adopt_rules(charter, *first->rules);
    auto file = sign_charter(charter, *first->maintainer);
    if (!file.has_value()) return file.error();
    first->signed_file = std::move(*file);
  }
  const auto pinned = found_charter(machine, folder, *first->signed_file);
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
  Founding founding{*pinned, {}, write_server_key_code(server_key)};
  const auto charter = governance::parse_charter(first->signed_file->octets, first->signed_file->name).value();
  for (const auto& maintainer : charter.maintainers) founding.maintainer_public_keys.push_back(maintainer.key.str());
  return founding;
}

}  // namespace mailpod::daemon
