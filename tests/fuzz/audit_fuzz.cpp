// Any octets as an entry of an audit log, as a checkpoint of one, and as a whole segment beside others. An entry has
// one writing only; nothing that the pod did not sign is found to be sound; and whatever lies in the folder, the log
// goes on.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/governance/audit_log.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

namespace {

using namespace mailpod;
using namespace mailpod::governance;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Keys {
  simulation::Entropy entropy{1};
  crypto::KeyArena arena;
  crypto::SigningKey key = crypto::SigningKey::random(arena, entropy);
};

void read_entry(std::string_view octets) {
  const auto entry = parse_audit_entry(octets, "line");
  if (!entry) return;
  require(write_audit_entry(*entry) == octets);
  require(!is_signed_by(*entry, crypto::PublicKey{1}, "pod.lab"));
}

void read_folder(const Keys& keys, std::string_view octets, std::string_view name) {
  simulation::Disk disk;
  simulation::Clock clock;
  disk.make_directory("audit");
  base::replace_file(disk, base::join("audit", name), octets);
  const AuditQuestions questions{"pod.lab", {keys.key.public_key()}, {}, {}};
  const auto before = examine_audit(disk, "audit", questions);
  require(before.last == 0 || !before.faults.empty());
  AuditLog log({disk, clock, base::silent_log(), "audit", "pod.lab", keys.key, {}, [](const TreeHead&) {}});
  log.write({AuditEvent::Kind::stop, {}});
  require(log.head().size > 0);
  const auto entries = read_audit(disk, "audit", 1);
  require(entries.size() == 1 && entries.front().event.kind == AuditEvent::Kind::stop);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys keys;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  read_entry(octets);
  read_folder(keys, octets, "000000000001.log");
  read_folder(keys, octets, "000000000007.log");
  read_folder(keys, octets, "000000000001.checkpoint");
  return 0;
}
