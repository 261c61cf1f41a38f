#include "truth.hpp"

namespace mailpod::model {

const Message& Mailbox::at(Uid uid) const {
  if (const auto found = messages.find(uid); found != messages.end()) return found->second;
  const auto found = gone.find(uid);
  require(found != gone.end(), "there never was UID " + std::to_string(uid));
  return found->second;
}

void Mailbox::change(Uid uid, Flags flags) {
  auto& message = messages.at(uid);
  message.were.insert(message.flags);
  message.at_least = std::max(message.at_least, message.mod_seq.value_or(0));
  message.mod_seq.reset();  // a change that changes nothing may have one of its own or not
  if (flags == message.flags) return;
  message.flags = std::move(flags);
  message.at_least = told + 1;
  ++message.version;
}

void Mailbox::learn(Uid uid, ModSeq mod_seq) {
  auto& message = messages.at(uid);
  const auto of = " of UID " + std::to_string(uid);
  require(mod_seq >= message.at_least, "the mod-sequence" + of + " did not rise with its change");
  require(!message.mod_seq || mod_seq == *message.mod_seq, "the mod-sequence" + of + " is another, and it the same");
  message.mod_seq = mod_seq;
  told = std::max(told, mod_seq);
}

void Mailbox::expunge(Uid uid) {
  gone_after[uid] = told;
  gone.insert(messages.extract(uid));
}

void Mailbox::add(Uid uid, Message message) {
  require(uid >= next, "UID " + std::to_string(uid) + " is below UIDNEXT " + std::to_string(next));
  message.mod_seq.reset();
  message.at_least = told + 1;
  message.version = 0;
  messages.emplace(uid, std::move(message));
  next = uid + 1;
}

void Mailbox::promise(Uid uid_next) {
  require(uid_next >= next, "UIDNEXT " + std::to_string(uid_next) + " was given already");
  next = uid_next;
}

std::shared_ptr<Mailbox> Truth::find(const std::string& name) const {
  const auto found = mailboxes_.find(name);
  return found == mailboxes_.end() ? nullptr : found->second;
}

std::vector<std::string> Truth::names() const {
  std::vector<std::string> names;
  for (const auto& [name, mailbox] : mailboxes_) names.push_back(name);
  return names;
}

void Truth::remove(const std::string& name) {
  const auto mailbox = mailboxes_.at(name);
  mailbox->deleted = true;
  while (!mailbox->messages.empty()) mailbox->expunge(mailbox->messages.begin()->first);
  mailboxes_.erase(name);
}

void Truth::rename(const std::string& from, const std::string& to) {
  auto node = mailboxes_.extract(from);
  node.key() = to;
  mailboxes_.insert(std::move(node));
}

void Truth::see_validity(const std::string& name, const std::shared_ptr<Mailbox>& mailbox, std::uint32_t uid_validity) {
  require(uid_validity != 0, "UIDVALIDITY is nz-number");
  require(mailbox->uid_validity == 0 || mailbox->uid_validity == uid_validity, "UIDVALIDITY of " + name + " changed");
  mailbox->uid_validity = uid_validity;
  const auto [known, is_new] = known_.emplace(std::pair(name, uid_validity), mailbox);
  require(is_new || known->second == mailbox, "UIDVALIDITY of " + name + " was another mailbox's of that name");
}

}  // namespace mailpod::model
