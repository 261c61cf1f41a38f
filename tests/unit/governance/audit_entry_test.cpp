#include "audit_household.hpp"
#include "simulation/frozen.hpp"

// One line an entry: what it looks like, for ever, and that nothing else is one.
namespace mailpod::governance {
namespace {

AuditEntry example(const crypto::SigningKey& key) {
  AuditEntry entry{
      17,
      base::from_seconds(1767225600),
      {AuditEvent::Kind::slot, {{"change", "made"}, {"slot", "app"}, {"by", "member"}, {"member", "00ff"}}},
      Hash{1, 2},
      {}};
  entry.signature = sign_audit_entry(key, "pod.lab", entry);
  return entry;
}

crypto::SigningKey fixed_key(crypto::KeyArena& arena) {
  const std::string seed(32, 's');
  return crypto::SigningKey(crypto::Key::copy_of(arena, seed));
}

TEST(AuditEntries, OfVersion1AreRead) {
  crypto::KeyArena arena;
  const auto key = fixed_key(arena);
  const auto line = simulation::frozen("audit-entry-1.log", [&] { return write_audit_entry(example(key)); });
  const auto entry = parse_audit_entry(line, "line");
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(*entry, example(key));
  EXPECT_EQ(write_audit_entry(*entry), line);
  EXPECT_TRUE(is_signed_by(*entry, key.public_key(), "pod.lab"));
  EXPECT_FALSE(is_signed_by(*entry, key.public_key(), "other.lab"));
  EXPECT_TRUE(line.starts_with("17 2026-01-01T00:00:00Z slot change=made slot=app by=member member=00ff 0102"));
}

TEST(AuditEntries, HaveOneWritingOnly) {
  crypto::KeyArena arena;
  const auto line = write_audit_entry(example(fixed_key(arena)));
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (const char c : {' ', 'A', '0', '\n', '='}) {
      auto other = line;
      if (other[at] == c) continue;
      other[at] = c;
      const auto entry = parse_audit_entry(other, "line");
      if (entry.has_value()) EXPECT_EQ(write_audit_entry(*entry), other);
      if (entry.has_value()) EXPECT_FALSE(is_signed_by(*entry, fixed_key(arena).public_key(), "pod.lab")) << other;
    }
    EXPECT_FALSE(parse_audit_entry(line.substr(0, at), "line").has_value());
  }
}

TEST(AuditEntries, SayNothingThatTheirKindDoesNotSay) {
  crypto::KeyArena arena;
  auto entry = example(fixed_key(arena));
  entry.event.fields = {{"slot", "app"}, {"change", "made"}};  // another order
  EXPECT_FALSE(parse_audit_entry(write_audit_entry(entry), "line").has_value());
  entry.event.fields = {{"version", "1"}};
  EXPECT_FALSE(parse_audit_entry(write_audit_entry(entry), "line").has_value());
  entry.event.fields = {{"change", std::string(513, 'a')}};
  EXPECT_FALSE(parse_audit_entry(write_audit_entry(entry), "line").has_value());
}

TEST(AuditEntries, KeepValuesToOneWord) {
  EXPECT_EQ(audit_value("No space left\n"), "No-space-left?");
  EXPECT_EQ(audit_value(""), "-");
  EXPECT_EQ(audit_value(std::string(600, 'x')).size(), 512U);
}

TEST(AuditKinds, StandInTheOrderOfTheirNumbers) {
  for (std::size_t i = 0; i < audit_kinds().size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(audit_kinds()[i].kind), i) << audit_kinds()[i].name;
}

}  // namespace
}  // namespace mailpod::governance
