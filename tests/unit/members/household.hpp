#pragma once

#include <gtest/gtest.h>

#include <mailpod/members/addresses.hpp>
#include <mailpod/members/departures.hpp>

#include "slot_changes.hpp"

#include "simulation/attentive_log.hpp"
#include "simulation/community.hpp"
#include "simulation/disk.hpp"

namespace mailpod::members {

/// A pod's members on a simulated disk, as they stand after `init`. `start` opens what the disk holds, as a daemon
/// does.
class Pod {
public:
  /// A charter that lets human passwords into mail programs, so that both kinds can be tried.
  explicit Pod(std::uint64_t seed = 1) : community(1, 1, seed) {
    community.charter.privacy.passwords = governance::Charter::Passwords::any;
    community.charter.members.expulsion = governance::Charter::Expulsion::threshold;
    found();
  }

  /// The same pod, without its members, under the charter as it is now.
  void found_again() {
    keys.reset();
    registry.reset();
    directory.reset();
    disk = std::make_unique<simulation::Disk>();
    found();
  }

  void found() {
    pin = community.pin();
    disk->make_directory("pod");
    disk->make_directory("pod/members");
    disk->sync_directory("pod");
    disk->sync_directory("");
    governance::Registry::found(*disk, "pod/governance", community.signed_charter()).value();
    Directory::found(directory_ports(), "pod/directory.log", server_key, {"pod.lab"}).value()->close();
    disk->sync_directory("pod");
    start();
  }

  Directory::Ports directory_ports() { return {*disk, community.clock, community.entropy, log, community.arena}; }

  /// Reopens everything from `disk` with production code, and recovers.
  void start() {
    keys.reset();
    registry.reset();
    directory = Directory::open(directory_ports(), "pod/directory.log", server_key).value();
    registry = governance::Registry::open({*disk, "pod/governance", pin, directory->state()->tally()}).value();
    departures().recover();
    addresses().recover();
    admissions().recover();
    keys = std::make_unique<KeyRing>(household());
  }

  /// The machine loses power now and starts again.
  void crash(std::uint64_t seed) {
    auto after = disk->crash(seed);
    keys.reset();
    registry.reset();
    directory.reset();
    disk = std::move(after);
    start();
  }

  Household household() {
    return {*disk,      community.clock, community.entropy,           log, community.arena, "pod/members", pod_key,
            *directory, *registry,       crypto::Argon2Cost{1, 8192}, "+"};
  }
  Admissions admissions() { return Admissions(household()); }
  Departures departures() { return Departures(household()); }
  Addresses addresses() { return Addresses(household()); }

  Admission admission(const std::string& address) {
    Admission out;
    out.address = address;
    out.salt = community.entropy.bytes<32>();
    out.act = community.sign(community.admission(community.newcomer(), out.salt, address));
    return out;
  }
  Invitation admit(const std::string& address) {
    const auto wanted = admission(address);
    return admissions().admit({&wanted, 1}).value().front();
  }
  AliasRequest alias(MemberId member, const std::string& address) {
    AliasRequest out;
    out.address = address;
    out.salt = community.entropy.bytes<32>();
    auto act = community.act(governance::Act::Kind::add_alias, member);
    act.address_commitment = governance::address_commitment(out.salt, address);
    out.act = community.sign(act);
    return out;
  }
  /// What takes away the alias that `added` asked for.
  governance::SignedFile alias_removal(MemberId member, const AliasRequest& added) {
    auto act = community.act(governance::Act::Kind::remove_alias, member);
    act.address_commitment = governance::address_commitment(added.salt, added.address);
    return community.sign(act);
  }
  /// Enrols and is told the secrets.
  Enrolled enrol(const Invitation& invitation, EnrolmentChoice choice = {std::nullopt, "phone"}) {
    const EnrolmentRequest request{invitation.address, invitation.code, std::move(choice)};
    auto enrolled = keys->enrol(request).value();
    keys->forget_codes({&request, 1});
    return enrolled;
  }
  /// A slot that no command makes so, on the roll.
  void adopt(const Slot& slot) { change_slots(household(), slot.label.member, {.come = {slot}}).value(); }
  std::string path_of(const Slot& slot) const {
    return "pod/members/" + slot.label.member.str() + "/slots/" + base::hex(base::octets(slot.label.id)) + ".slot";
  }
  bool logs_in(std::string_view name, std::string_view secret) {
    return keys->log_in(name, secret, sasl::Scope::imap).has_value();
  }

  simulation::AttentiveLog log;
  std::unique_ptr<simulation::Disk> disk = std::make_unique<simulation::Disk>();
  simulation::Community community;
  governance::Hash pin{};
  crypto::Key server_key = crypto::Key::random(community.arena, community.entropy);
  crypto::SigningKey pod_key = crypto::SigningKey::random(community.arena, community.entropy);
  std::unique_ptr<Directory> directory;
  std::unique_ptr<governance::Registry> registry;
  std::unique_ptr<KeyRing> keys;
};

}  // namespace mailpod::members
