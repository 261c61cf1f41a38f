#include <mailpod/members/directory.hpp>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>

#include <mailpod/text/ascii.hpp>

#include "departure_records.hpp"
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

/// Where the directory under another key waits until that key counts.
std::string next_to(const std::string& folder) {
  return folder + ".next";
}

void remove_files(base::Disk& disk, const std::string& folder) {
  for (const auto& entry : disk.list(folder)) disk.unlink(base::join(folder, entry.name));
}

std::string parent_of(const std::string& folder) {
  return folder.substr(0, folder.rfind('/'));
}

class JournalDirectory final : public Directory {
public:
  JournalDirectory(const Ports& ports, std::string folder, std::unique_ptr<journal::Journal> journal,
                   DirectoryState state)
      : ports_(ports),
        folder_(std::move(folder)),
        log_(ports.log),
        journal_(std::move(journal)),
        state_(std::make_shared<const DirectoryState>(std::move(state))) {}

  std::shared_ptr<const DirectoryState> state() const override {
    const std::scoped_lock lock(publishing_);
    return state_;
  }

  Status put(std::span<const Person> people) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    for (const auto& given : people) {
      Person person = given;
      if (const Person* present = draft.state().find(given.id)) {
        person.slots = present->slots;
        person.slots_changed = present->slots_changed;
        person.second_factor = present->second_factor;
        person.fullness = present->fullness;
        person.consent = present->consent;
      }
      if (auto done = put_into(draft, person); !done) return done;
    }
    commit(std::move(draft));
    return {};
  }

  Status change(std::span<const MemberId> people, const std::function<void(Person&)>& change) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    for (const auto& id : people) {
      const Person* present = draft.state().find(id);
      if (present == nullptr) {
        journal_->unstage();
        return make_error_code(Errc::not_a_member);
      }
      Person next = *present;
      change(next);
      if (auto done = put_into(draft, next); !done) return done;
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

  void remember_ledger(const governance::TreeHead& head) override {
    const std::scoped_lock lock(changing_);
    if (state()->ledger() == head) return;
    DirectoryDraft draft(*state());
    draft.remember_ledger(head);
    stage(DirectoryRecord::ledger, write_ledger(head));
    commit(std::move(draft));
  }

  void remember_time(base::Time time) override {
    const std::scoped_lock lock(changing_);
    if (state()->time() == time) return;
    DirectoryDraft draft(*state());
    draft.remember_time(time);
    stage(DirectoryRecord::time, write_time(time));
    commit(std::move(draft));
  }

  void remember_retention(const RetentionTold& told) override {
    const std::scoped_lock lock(changing_);
    if (state()->retention() == told) return;
    DirectoryDraft draft(*state());
    draft.remember_retention(told);
    stage(DirectoryRecord::retention, write_retention(told));
    commit(std::move(draft));
  }

  void remember_audit(const governance::TreeHead& head) override {
    const std::scoped_lock lock(changing_);
    if (state()->audit() == head) return;
    DirectoryDraft draft(*state());
    draft.remember_audit(head);
    stage(DirectoryRecord::audit, write_ledger(head));
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

  void depart(const Departure& departure) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    draft.depart(departure);
    stage(DirectoryRecord::departure, write_departure(departure));
    commit(std::move(draft));
  }

  void forget_departure(MemberId member) override {
    const std::scoped_lock lock(changing_);
    DirectoryDraft draft(*state());
    draft.forget_departure(member);
    stage(DirectoryRecord::forget_departure, base::octets(member.bytes));
    commit(std::move(draft));
  }

  void close() override {
    const std::scoped_lock lock(changing_);
    journal_->close();
  }

  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key) override {
    return std::make_unique<Resealing>(*this, server_key);
  }

private:
  class Resealing final : public crypto::Resealing {
  public:
    Resealing(JournalDirectory& directory, const crypto::Key& server_key)
        : directory_(directory),
          changing_(directory.changing_),
          key_(crypto::Key::copy_of(server_key.arena(), server_key.octets())) {
      auto& disk = directory_.ports_.disk;
      const std::string next = next_to(directory_.folder_);
      forget_resealed_directory(disk, directory_.folder_);
      disk.make_directory(next);
      auto journal = journal::Journal::create(directory_.journal_ports(), JournalDirectory::identity(next), key_);
      journal->checkpoint(checkpoint_parts(*directory_.state()));
      journal->close();
      disk.sync_directory(next);
      disk.sync_directory(parent_of(next));
    }
    void install() override {
      settle_resealed_directory(directory_.ports_.disk, directory_.folder_);
      Rebuild again;
      directory_.journal_ = journal::Journal::open(directory_.journal_ports(),
                                                   JournalDirectory::identity(directory_.folder_), key_, {}, again)
                                .value();
    }
    void hold() override { directory_.held_ = true; }

  private:
    JournalDirectory& directory_;
    std::scoped_lock<std::mutex> changing_;
    crypto::Key key_;
  };

  journal::Journal::Ports journal_ports() const { return {ports_.disk, ports_.entropy}; }
  static journal::Journal::Identity identity(const std::string& folder) { return {folder, std::string(journal_owner)}; }

  void stage(DirectoryRecord type, std::string_view payload) {
    journal_->stage(static_cast<std::uint8_t>(type), payload);
  }

  Status put_into(DirectoryDraft& draft, const Person& person) {
    if (auto done = draft.put(person); !done) {
      journal_->unstage();
      return done;
    }
    stage(DirectoryRecord::person, write_person(person));
    return {};
  }

  void commit(DirectoryDraft draft) {
    if (held_) throw std::system_error(EIO, std::generic_category(), "the directory must be opened anew: restart");
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

  Ports ports_;
  std::string folder_;
  base::Log& log_;
  std::mutex changing_;
  bool held_ = false;  // guarded by changing_
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
      std::make_unique<JournalDirectory>(ports, folder, std::move(journal), DirectoryState());
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
      std::make_unique<JournalDirectory>(ports, folder, std::move(*opened), rebuild.draft.take()));
}

void settle_resealed_directory(base::Disk& disk, const std::string& folder) {
  const std::string next = next_to(folder);
  if (!disk.status(next)) return;
  // A folder takes the place of an empty one at once.
  if (disk.status(folder)) remove_files(disk, folder);
  disk.rename(next, folder);
  disk.sync_directory(parent_of(folder));
}

void forget_resealed_directory(base::Disk& disk, const std::string& folder) {
  const std::string next = next_to(folder);
  if (!disk.status(next)) return;
  remove_files(disk, next);
  disk.remove_directory(next);
  disk.sync_directory(parent_of(next));
}

}  // namespace mailpod::members
