#include "world.hpp"

#include <algorithm>

namespace mailpod::store::crash {
namespace {

std::vector<Uid> uid_list(const std::vector<std::uint32_t>& values) {
  std::vector<Uid> uids;
  for (const auto value : values) uids.push_back({value});
  return uids;
}

/// What the vault shows, in the model's words.
Model::Member shown(Vault& vault) {
  Model::Member member;
  const auto state = vault.state();
  if (state->annotations) member.annotations = *state->annotations;
  if (state->subscribed_names) member.subscribed_names = *state->subscribed_names;
  for (const auto& mailbox : state->mailboxes) {
    if (!mailbox->selectable) continue;
    auto& box = member.boxes[mailbox->name];
    box.uid_validity = mailbox->uid_validity.value;
    box.uid_next = mailbox->uid_next.value;
    box.subscribed = mailbox->subscribed;
    if (mailbox->annotations) box.annotations = *mailbox->annotations;
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      box.messages[message.uid.value] = {Household::read(vault, message), {message.flags.bits}};
    }
  }
  return member;
}

std::string difference(const Model::Member& expected, const Model::Member& found) {
  for (const auto& [name, box] : expected.boxes) {
    const auto at = found.boxes.find(name);
    if (at == found.boxes.end()) return "mailbox lost: " + name;
    const auto& other = at->second;
    if (box.uid_validity != 0 && other.uid_validity != box.uid_validity) return "another UIDVALIDITY: " + name;
    if (other.subscribed != box.subscribed) return "another subscription: " + name;
    if (other.annotations != box.annotations) return "other annotations: " + name;
    for (const auto& [uid, message] : box.messages) {
      const auto there = other.messages.find(uid);
      if (there == other.messages.end()) return fmt::format("message lost: {} {}", name, uid);
      if (there->second.content != message.content) return fmt::format("another message: {} {}", name, uid);
      if (!message.flags.contains(*there->second.flags.begin())) return fmt::format("other flags: {} {}", name, uid);
    }
    if (other.messages.size() != box.messages.size()) return "unknown message in " + name;
    if (other.uid_next < box.uid_next) return "UIDNEXT fell: " + name;
  }
  if (found.boxes.size() != expected.boxes.size()) return "unknown mailbox";
  if (found.annotations != expected.annotations) return "other annotations";
  if (found.subscribed_names != expected.subscribed_names) return "other subscriptions";
  return {};
}

/// `merge` of `void mailpod::store::crash::World::merge()`.
std::string name_of(const std::source_location& function) {
  const std::string whole = function.function_name();
  const auto end = whole.find('(');
  const auto begin = whole.rfind(':', end) + 1;
  return whole.substr(begin, end - begin);
}

/// What waits in new/ gets the next UIDs.
void merge_into(Model::Member& member) {
  auto& inbox = member.boxes["INBOX"];
  for (const auto& content : member.arrived) inbox.messages[inbox.uid_next++] = {content, {0}};
  member.arrived.clear();
}

}  // namespace

void Model::settle_flags() {
  for (auto& member : members) {
    for (auto& [name, box] : member.boxes) {
      for (auto& [uid, message] : box.messages) message.flags = {*message.flags.rbegin()};
    }
  }
}

World::World(std::uint64_t seed, std::string omitted) : house(1, seed), omitted_(std::move(omitted)) {
  house.settings.checkpoint_tail = 4'000;
  house.settings.merge_group = 2;
  house.settings.rewrite_above = 12'000;
  if (!omitted_.empty()) house.disk->omit_sync(omitted_);
  vault_ = house.open();
  told_.members.push_back(shown(*vault_));
}

void World::step(Model after, const Step& run, std::source_location which) {
  // What is durable now is so together with every flag that was shown before.
  after.settle_flags();
  under_way_ = after;
  const auto calls = house.disk->calls();
  try {
    run();
    calls_within_[name_of(which)] += house.disk->calls() - calls;
    told_ = std::move(after);
  } catch (const std::system_error&) {
    // Code that cleans up after a failed call must not hide that the power went meanwhile.
    if (power_lost_at_ != 0 && house.disk->calls() >= power_lost_at_) throw simulation::PowerLoss{};
    if (!tolerant_) throw;
  }
  under_way_.reset();
  note_what_is_shown();
}

void World::note_what_is_shown() {
  const auto state = vault_->state();
  for (const auto& mailbox : state->mailboxes) {
    if (!mailbox->selectable) continue;
    auto& highest = shown_uids_[mailbox->uid_validity.value];
    if (mailbox->count > 0) highest = std::max(highest, mailbox->at({mailbox->count}).uid.value);
    const auto box = told_.members[0].boxes.find(mailbox->name);
    if (box != told_.members[0].boxes.end()) box->second.uid_validity = mailbox->uid_validity.value;
  }
}

void World::append(const std::string& box, std::vector<std::string> contents) {
  Model after = told_;
  auto& target = after.members[0].boxes.at(box);
  for (const auto& content : contents) target.messages[target.uid_next++] = {content, {Flags::seen}};
  step(after, [&] {
    std::vector<std::unique_ptr<PreparedMessage>> prepared;
    for (const auto& content : contents) {
      const FlagChange flags{FlagChange::How::replace, Flags::seen, {}};
      prepared.push_back(vault_->prepare(base::MemorySource(content), {flags, house.clock.now()}).value());
    }
    vault_->append(id(box), std::move(prepared)).value();
  });
}

void World::deliver(const std::vector<std::size_t>& to, const std::string& content) {
  house.clock.advance(std::chrono::seconds(1));
  Model after = told_;
  for (const auto member : to) after.members[member].arrived.push_back(content);
  step(after, [&] { house.deliver(content, to); });
}

void World::merge() {
  Model after = told_;
  merge_into(after.members[0]);
  step(after, [&] { Household::merge_all(*vault_); });
}

void World::copy(const std::string& from, std::vector<std::uint32_t> uids, const std::string& to) {
  Model after = told_;
  after.settle_flags();
  auto& member = after.members[0];
  for (const auto uid : uids) {
    const auto message = member.boxes.at(from).messages.at(uid);
    auto& target = member.boxes.at(to);
    target.messages[target.uid_next++] = message;
  }
  step(after, [&] { vault_->copy(id(from), uid_list(uids), id(to)).value(); });
}

void World::move(const std::string& from, std::vector<std::uint32_t> uids, const std::string& to) {
  Model after = told_;
  after.settle_flags();
  auto& member = after.members[0];
  for (const auto uid : uids) {
    auto message = member.boxes.at(from).messages.extract(uid).mapped();
    auto& target = member.boxes.at(to);
    target.messages[target.uid_next++] = std::move(message);
  }
  step(after, [&] { vault_->move(id(from), uid_list(uids), id(to)).value(); });
}

void World::flag(const std::string& box, std::vector<std::uint32_t> uids, std::uint32_t system) {
  Model after = told_;
  // Flags only ever grow here, so the greatest value is the newest.
  for (const auto uid : uids) {
    auto& flags = after.members[0].boxes.at(box).messages.at(uid).flags;
    flags.insert(*flags.rbegin() | system);
  }
  told_ = after;
  vault_->change_flags(id(box), uid_list(uids), {FlagChange::How::add, system, {}}, std::nullopt).value();
}

void World::flush() {
  step(told_, [&] { vault_->flush(); });
}

void World::expunge(const std::string& box, std::vector<std::uint32_t> uids) {
  Model after = told_;
  for (const auto uid : uids) after.members[0].boxes.at(box).messages.erase(uid);
  step(after, [&] { vault_->expunge(id(box), uid_list(uids), Vault::Expunge::all).value(); });
}

void World::create(const std::string& name) {
  Model after = told_;
  after.members[0].boxes[name].subscribed = after.members[0].subscribed_names.erase(name) > 0;
  step(after, [&] { vault_->create_mailbox(name, SpecialUse::none).value(); });
}

void World::rename(const std::string& from, const std::string& to) {
  Model after = told_;
  auto& boxes = after.members[0].boxes;
  boxes[to] = boxes.extract(from).mapped();
  step(after, [&] { vault_->rename_mailbox(from, to).value(); });
}

void World::remove(const std::string& name) {
  Model after = told_;
  if (after.members[0].boxes.at(name).subscribed) after.members[0].subscribed_names.insert(name);
  after.members[0].boxes.erase(name);
  step(after, [&] { vault_->delete_mailbox(name).value(); });
}

void World::subscribe(const std::string& name) {
  Model after = told_;
  after.members[0].boxes.at(name).subscribed = true;
  step(after, [&] { vault_->subscribe_mailbox(name).value(); });
}

void World::annotate(const std::string& box, const Annotations& values) {
  Model after = told_;
  auto& member = after.members[0];
  auto& annotations = box.empty() ? member.annotations : member.boxes.at(box).annotations;
  std::vector<Vault::Annotation> changes;
  for (const auto& [entry, value] : annotations) changes.push_back({entry, std::nullopt});
  for (const auto& [entry, value] : values) changes.push_back({entry, value});
  annotations = values;
  step(after, [&] { vault_->annotate(box, changes).value(); });
}

void World::admit() {
  Model after = told_;
  after.members.emplace_back();
  for (const auto* standard : {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}) {
    after.members.back().boxes[standard].subscribed = true;
  }
  step(after, [&] { house.add_member(); });
}

void World::change_card() {
  Model after = told_;
  after.members[0].archive = true;
  step(after, [&] {
    auto card = house.members[0].card;
    card.archive_recipient = crypto::AgeIdentity::random(house.arena, house.entropy).recipient().point;
    write_card(*house.disk, house.members[0].folder, card, house.pod_key);
    house.members[0].card = card;
  });
}

void World::reopen() {
  step(told_, [&] { vault_->close(); });
  vault_.reset();
  vault_ = house.open();
}

void World::lose_power_at(std::uint64_t call) {
  power_lost_at_ = house.disk->calls() + call;
  house.disk->crash_at_call(power_lost_at_);
}

void World::restart() {
  const std::uint64_t left = power_lost_at_ - house.disk->calls();
  swap_disk(house.disk->clean_copy());
  lose_power_at(left);
  vault_ = house.open();
  // Flags that were not flushed are gone with the process.
  auto found = shown(*vault_);
  found.arrived = told_.members[0].arrived;
  found.archive = told_.members[0].archive;
  told_.members[0] = std::move(found);
}

void World::swap_disk(std::unique_ptr<simulation::Disk> disk) {
  for (const auto& place : house.disk->sync_places()) places_.insert(place);
  vault_.reset();
  house.disk = std::move(disk);
  if (!omitted_.empty()) house.disk->omit_sync(omitted_);
}

std::set<std::string> World::sync_places() const {
  auto all = places_;
  for (const auto& place : house.disk->sync_places()) all.insert(place);
  return all;
}

std::string World::after_power_loss(std::uint64_t seed) {
  swap_disk(house.disk->crash(seed));
  std::string wrong = examine();
  if (!wrong.empty()) return wrong;
  // The power goes again, after what recovery, merging and one more message have done.
  swap_disk(house.disk->crash(seed + 1));
  wrong = examine();
  return wrong.empty() ? wrong : "after a second power loss: " + wrong;
}

std::string World::after_kill(std::uint64_t seed) {
  vault_.reset();
  house.disk->revive();
  house.disk->heal();
  const bool archive = told_.members[0].archive;
  std::string wrong = examine();
  if (!wrong.empty()) return "after a kill: " + wrong;
  // A card that was never acknowledged may be seen and yet go: nothing is built on it.
  card_in_doubt_ = told_.members[0].archive != archive;
  swap_disk(house.disk->crash(seed));
  wrong = examine();
  return wrong.empty() ? wrong : "after a kill and a power loss: " + wrong;
}

std::string World::examine() {
  try {
    complete_intents(*house.disk, "members", house.log);
    std::string wrong = compare(told_);
    if (wrong.empty()) return probe(told_);
    // A model with a member who was never told their key cannot be looked at.
    if (!under_way_ || under_way_->members.size() > house.members.size()) return wrong;
    told_ = *under_way_;
    under_way_.reset();
    const std::string wrong_too = compare(told_);
    return wrong_too.empty() ? probe(told_) : wrong + "; or, had the step happened: " + wrong_too;
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string World::compare(const Model& expected) {
  for (std::size_t i = 0; i < expected.members.size(); ++i) {
    const auto wrong = compare_member(i, expected.members[i]);
    if (!wrong.empty()) return fmt::format("member {}: {}", i, wrong);
  }
  return {};
}

std::string World::compare_member(std::size_t index, Model::Member expected) {
  merge_into(expected);
  const auto& member = house.members[index];
  const auto vault = house.open(index);
  Household::merge_all(*vault);
  const auto found = shown(*vault);
  for (const auto& [name, box] : expected.boxes) {
    const auto there = found.boxes.find(name);
    if (index == 0 && box.uid_validity == 0 && there != found.boxes.end() &&
        shown_uids_.contains(there->second.uid_validity)) {
      return "a UIDVALIDITY was used again: " + name;
    }
  }
  const auto wrong = difference(expected, found);
  if (!wrong.empty()) return wrong;
  const auto faults = vault->check();
  if (!faults.empty()) return "check finds: " + faults.front();
  const auto card = read_card(*house.disk, member.folder, member.id, house.pod_key.public_key());
  if (!card) return "card lost";
  if (!card_in_doubt_ && card->archive_recipient.has_value() != expected.archive) return "an older card";
  return {};
}

/// One more message: it gets a UID that nobody was ever told, and is as durable as all others.
std::string World::probe(Model& model) {
  for (auto& member : model.members) merge_into(member);
  const auto vault = house.open();
  const auto uid = Household::append(*vault, "probe").value;
  const auto inbox = vault->state()->find("INBOX");
  const auto known = shown_uids_.find(inbox->uid_validity.value);
  if (known != shown_uids_.end() && uid <= known->second) return fmt::format("UID {} was used again", uid);
  auto& box = model.members[0].boxes["INBOX"];
  box.messages[uid] = {"probe", {0}};
  box.uid_next = uid + 1;
  return {};
}

}  // namespace mailpod::store::crash
