#include <mailpod/members/directory.hpp>

#include <algorithm>
#include <mutex>

#include <mailpod/text/ascii.hpp>

#include "directory_records.hpp"
#include "group_records.hpp"

namespace mailpod::members {
namespace {

constexpr std::string_view journal_owner = "directory";
constexpr std::uint64_t checkpoint_tail = 1 << 20;  // octets

/// Rebuilds the state from the journal. What makes no sense is remembered, not thrown: open() decides.
class Rebuild final : public journal::Replay {
public:
  void begin() override {
    draft = DirectoryDraft(DirectoryState());
    sound = true;
  }
  bool checkpoint(std::string_view part) override { return apply_checkpoint_part(draft, part); }
  void record(const journal::Record& record) override {
    if (!draft.apply(static_cast<DirectoryRecord>(record.type), record.payload)) sound = false;
  }

  DirectoryDraft draft{DirectoryState()};
  bool sound = true;
};

/// An unfinished tail was never acknowledged; the others cost nothing that the journal does not hold elsewhere.
bool is_harmless(journal::Finding::Kind kind) {
  using Kind = journal::Finding::Kind;
  return kind == Kind::unfinished_tail || kind == Kind::bad_padding || kind == Kind::bad_checkpoint;
}

class JournalDirectory final : public Directory {
public:
  JournalDirectory(std::unique_ptr<journal::Journal> journal, DirectoryState state, base::Log& log)
      : log_(log), journal_(std::move(journal)), state_(std::make_shared<const DirectoryState>(std::move(state))) {}

  std::shared_ptr<const DirectoryState> state() const override {
    const std::scoped_lock lock(publishing_);
    return state_;
  }

  Status put(std::span<const Person> people) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    for (const auto& person : people) {
      if (auto done = draft.put(person); !done) {
        journal_->unstage();
        return done;
      }
      stage(DirectoryRecord::person, write_person(person));
    }
    commit(std::move(draft));
    return {};
  }

  void remove(std::span<const MemberId> people) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    for (const auto& id : people) {
      draft.remove(id);
      stage(DirectoryRecord::remove, base::octets(id.bytes));
    }
    commit(std::move(draft));
  }

  void remember(const governance::Tally& tally) override {
    const std::scoped_lock lock(changing_);
    if (state()->tally() == tally) return;
    DirectoryDraft draft(*state());
    draft.remember(tally);
    stage(DirectoryRecord::tally, write_tally(tally));
    commit(std::move(draft));
  }

  Status add_domain(std::string_view domain) override {
    const std::scoped_lock lock(changing_);
    if (!Address::parse("a@" + std::string(domain))) return make_error_code(Errc::bad_address);
    const std::string lowered = text::lower(domain);
    if (state()->serves(lowered)) return {};
    DirectoryDraft draft(*state());
    draft.add_domain(lowered);
    stage(DirectoryRecord::domain, lowered);
    commit(std::move(draft));
    return {};
  }

  Status remove_domain(std::string_view domain) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    if (auto done = draft.remove_domain(domain); !done) return done;
    stage(DirectoryRecord::remove_domain, text::lower(domain));
    commit(std::move(draft));
    return {};
  }

  Status propose_group(const Group& group) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    if (auto done = draft.propose_group(group); !done) return done;
    stage(DirectoryRecord::propose_group, write_group(group));
    commit(std::move(draft));
    return {};
  }

  Status enact_group(const GroupId& id) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    if (auto done = draft.enact_group(id); !done) return done;
    stage(DirectoryRecord::enact_group, base::octets(id));
    commit(std::move(draft));
    return {};
  }

  void forget_proposal(const GroupId& id) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    draft.forget_proposal(id);
    stage(DirectoryRecord::forget_proposal, base::octets(id));
    commit(std::move(draft));
  }

  void remove_group(const GroupId& id) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    draft.remove_group(id);
    stage(DirectoryRecord::remove_group, base::octets(id));
    commit(std::move(draft));
  }

  void close() override {
    const std::scoped_lock lock(changing_);
    journal_->close();
  }

private:
  void stage(DirectoryRecord type, std::string_view payload) {
    journal_->stage(static_cast<std::uint8_t>(type), payload);
  }

  void commit(DirectoryDraft draft) {
    journal_->commit();
    {
      auto next = std::make_shared<const DirectoryState>(draft.take());
      const std::scoped_lock lock(publishing_);
      state_.swap(next);
    }
    if (journal_->tail_size() > std::max(checkpoint_tail, journal_->checkpoint_size())) keep_short();
  }

  /// What was changed is durable by now: a failure here must not be taken for one of the change.
  void keep_short() {
    try {
      journal_->checkpoint(checkpoint_parts(*state()));
    } catch (const std::system_error& failure) {
      log_.warning("directory without a new checkpoint reason=\"{}\"", base::printable(failure.what()));
    }
  }

  base::Log& log_;
  std::mutex changing_;
  std::unique_ptr<journal::Journal> journal_;
  mutable std::mutex publishing_;  // guards the pointer alone
  std::shared_ptr<const DirectoryState> state_;
};

}  // namespace

Result<std::unique_ptr<Directory>> Directory::found(const Ports& ports, const std::string& folder,
                                                    const crypto::Key& server_key,
                                                    const std::vector<std::string>& domains) {
  for (const auto& domain : domains) {
    if (!Address::parse("a@" + domain)) return make_error_code(Errc::bad_address);
  }
  ports.disk.make_directory(folder);
  auto journal =
      journal::Journal::create({ports.disk, ports.entropy}, {folder, std::string(journal_owner)}, server_key);
  std::unique_ptr<Directory> directory =
      std::make_unique<JournalDirectory>(std::move(journal), DirectoryState(), ports.log);
  for (const auto& domain : domains) {
    if (auto added = directory->add_domain(domain); !added) return added.error();
  }
  return directory;
}

Result<std::unique_ptr<Directory>> Directory::open(const Ports& ports, const std::string& folder,
                                                   const crypto::Key& server_key) {
  Rebuild rebuild;
  auto opened = journal::Journal::open({ports.disk, ports.entropy}, {folder, std::string(journal_owner)}, server_key,
                                       {}, rebuild);
  if (!opened) {
    ports.log.error("directory unreadable reason=\"{}\"", base::printable(opened.error().message()));
    return make_error_code(Errc::damaged);
  }
  bool sound = rebuild.sound;
  for (const auto& finding : (*opened)->findings()) {
    const auto kind = journal::name_for(finding.kind);
    if (is_harmless(finding.kind)) {
      ports.log.warning("directory finding={} segment={} offset={}", kind, finding.segment, finding.offset);
    } else {
      // A lost record may be a member: mail for them would be refused for good. Better not to start.
      ports.log.error("directory finding={} segment={} offset={}", kind, finding.segment, finding.offset);
      sound = false;
    }
  }
  if (!sound) return make_error_code(Errc::damaged);
  return std::unique_ptr<Directory>(
      std::make_unique<JournalDirectory>(std::move(*opened), rebuild.draft.take(), ports.log));
}

}  // namespace mailpod::members
