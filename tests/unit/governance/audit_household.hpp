#pragma once

#include <gtest/gtest.h>

#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/governance/audit_log.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

namespace mailpod::governance {

/// A pod's audit log on a simulated disk, a maintainer who countersigns, and what a directory would remember.
class AuditHousehold : public testing::Test {
protected:
  AuditHousehold() { disk.make_directory("pod"); }

  std::unique_ptr<AuditLog> open(base::Disk& on) {
    return std::make_unique<AuditLog>(AuditLog::Source{on, clock, base::silent_log(), "pod/audit", "pod.lab", key,
                                                       known, [this](const TreeHead& head) { known = head; }});
  }
  static AuditEvent event(const std::string& name) {
    return {AuditEvent::Kind::operation, {{"name", name}, {"by", "uid:0"}}};
  }
  /// Entries over two days, in two segments.
  void write_two_days(AuditLog& log) {
    log.write({AuditEvent::Kind::start, {{"version", "1"}, {"after", "first"}}});
    for (const auto* name : {"a", "b", "c"}) log.write(event(name));
    clock.advance(std::chrono::days(1));
    for (const auto* name : {"d", "e", "f"}) log.write(event(name));
  }
  AuditQuestions questions() const {
    AuditQuestions questions{"pod.lab", {key.public_key()}, {}, {}};
    questions.maintainers.push_back(maintainer());
    return questions;
  }
  Maintainer maintainer() const {
    Maintainer one;
    one.name = "Erika";
    one.key = erika.public_key();
    one.from = base::from_seconds(0);
    one.to = base::from_seconds(4'000'000'000);
    return one;
  }
  AuditReport examine(base::Disk& on) { return examine_audit(on, "pod/audit", questions()); }
  std::string faults(base::Disk& on) {
    std::string out;
    for (const auto& fault : examine(on).faults) out += fault.what + "\n";
    return out;
  }
  /// Erika countersigns all there is; what she keeps.
  SignedFile countersign(AuditLog& log) {
    auto file = log.checkpoint().value();
    const auto entries = log.head().size;
    const std::vector<Maintainer> known_ones{maintainer()};
    const auto minisig =
        crypto::minisign::sign_file(erika, file.octets, audit_comment("pod.lab", entries, identity(file.octets)));
    EXPECT_TRUE(log.countersign(entries, minisig, known_ones).has_value());
    file.minisigs.push_back(minisig);
    return file;
  }
  static std::string read(base::Disk& on, const std::string& path) { return base::read_file(on, path, 1 << 24); }
  std::vector<std::string> lines(const std::string& path) {
    std::vector<std::string> out;
    const auto octets = read(disk, path);
    for (std::size_t at = 0; at < octets.size();) {
      const auto end = octets.find('\n', at) + 1;
      out.push_back(octets.substr(at, end - at));
      at = end;
    }
    return out;
  }
  void write_lines(const std::string& path, const std::vector<std::string>& given) {
    std::string octets;
    for (const auto& line : given) octets += line;
    base::replace_file(disk, path, octets);
  }
  /// As somebody would write it who has pod.key.
  std::vector<std::string> signed_anew(std::vector<std::string> given, Hash before) const {
    for (auto& line : given) {
      auto entry = parse_audit_entry(line, "line").value();
      entry.before = before;
      entry.signature = sign_audit_entry(key, "pod.lab", entry);
      line = write_audit_entry(entry);
      before = audit_hash(line);
    }
    return given;
  }

  static constexpr auto first_segment = "pod/audit/000000000001.log";
  static constexpr auto second_segment = "pod/audit/000000000005.log";
  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{7};
  crypto::KeyArena arena;
  crypto::SigningKey key = crypto::SigningKey::random(arena, entropy);
  crypto::minisign::SecretKey erika = crypto::minisign::SecretKey::random(arena, entropy);
  TreeHead known;
};

}  // namespace mailpod::governance
