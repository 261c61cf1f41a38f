#include "witness.hpp"

#include <algorithm>

namespace mailpod::model {

Flags flags_in(const Value& list) {
  require(list.kind == Value::Kind::list, "expected a list of flags");
  Flags flags;
  for (const auto& item : list.items) {
    require(item.kind == Value::Kind::word, "a flag is an atom");
    require(flags.insert(item.text).second, "a flag is named twice: " + item.text);
  }
  return flags;
}

Flags with_change(Flags flags, const std::string& how, const Flags& by) {
  if (how.empty()) return by;
  for (const auto& flag : by) {
    if (how == "+") flags.insert(flag);
    if (how == "-") flags.erase(flag);
  }
  return flags;
}

std::string written(const Flags& flags) {
  std::string text;
  for (const auto& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return '(' + text + ')';
}

void Witness::select(std::shared_ptr<Mailbox> selected, bool is_read_only) {
  mailbox = std::move(selected);
  read_only = is_read_only;
  view.clear();
  highest = 0;
  for (const auto& [uid, message] : mailbox->messages) view.push_back({uid, std::nullopt});
}

void Witness::unselect() {
  if (mailbox && enabled.qresync && highest > 0) {
    kept = Kept{mailbox, highest, {}};
    for (const auto& told : view) kept->flags.emplace(told.uid, told.flags);
  }
  mailbox.reset();
  view.clear();
}

bool Witness::is_behind() const {
  const auto same = [](const Told& told, const auto& entry) { return told.uid == entry.first; };
  return !std::ranges::equal(view, mailbox->messages, same);
}

void Witness::require_synced() const {
  if (mailbox == nullptr) return;
  require(!is_behind(), "after this command the client counts other messages than there are");
  for (const auto& told : view) {
    require(!told.flags || *told.flags == mailbox->messages.at(told.uid).flags,
            "flags of UID " + std::to_string(told.uid) + " changed, and the client was not told");
    require(!enabled.condstore || !told.version || *told.version == mailbox->messages.at(told.uid).version,
            "UID " + std::to_string(told.uid) + " changed, and the client was not told its mod-sequence");
  }
}

void Witness::begin_command() {
  shown.clear();
  earlier.clear();
  highest_told_.reset();
  highest_shown_ = 0;
}

/// RFC 7162 §6: what a FETCH response shows counts once the command has been answered, unless HIGHESTMODSEQ says less.
void Witness::end_command(const std::vector<Value>& code) {
  take_code(code);
  highest = highest_told_ ? *highest_told_ : std::max(highest, highest_shown_);
}

void Witness::take_code(const std::vector<Value>& code) {
  if (mailbox == nullptr || code.size() != 2 || code.front().text != "HIGHESTMODSEQ") return;
  highest_told_ = mod_seq_in(code.back().text);
  mailbox->told = std::max(mailbox->told, *highest_told_);
}

void Witness::take(const Reply& reply, const Rules& rules) {
  if (reply.word == "FLAGS") {
    require(reply.values.size() == 1, "FLAGS has one list");
    applicable_ = flags_in(reply.values.front());
  }
  take_code(reply.code);
  if (reply.word == "VANISHED") return take_vanished(reply, rules);
  if (reply.word == "UIDFETCH") return take_uid_fetch(reply, rules);
  if (!reply.number) return;
  require(mailbox != nullptr, reply.word + " without a selected mailbox");
  if (reply.word == "EXISTS") {
    take_exists(*reply.number);
  } else if (reply.word == "RECENT") {
    require(*reply.number <= view.size(), "more are recent than there are");
  } else if (reply.word == "EXPUNGE") {
    require(!enabled.vanished(), "EXPUNGE for who enabled VANISHED");
    require(rules.expunge, "EXPUNGE where no message number may change");
    take_expunged(*reply.number);
  } else if (reply.word == "FETCH") {
    require(!enabled.uid_only, "FETCH for who enabled UIDFETCH");
    require(reply.values.size() == 1, "FETCH has one list");
    take_fetch(*reply.number, reply.values.front(), rules);
  } else {
    throw Failure("an unknown response: " + reply.word);
  }
}

/// RFC 9586 §3.3.
void Witness::take_uid_fetch(const Reply& reply, const Rules& rules) {
  require(enabled.uid_only, "UIDFETCH for who did not enable it");
  require(mailbox != nullptr, "UIDFETCH without a selected mailbox");
  require(reply.values.size() == 2, "UIDFETCH has a UID and one list");
  take_fetch(number_of(number_in(reply.values.front().text)), reply.values.back(), rules);
}

std::uint32_t Witness::number_of(Uid uid) const {
  const auto told = std::ranges::find(view, uid, &Told::uid);
  require(told != view.end(), "UID " + std::to_string(uid) + " is none that was told");
  return static_cast<std::uint32_t>(told - view.begin()) + 1;
}

/// RFC 7162 §3.2.10.
void Witness::take_vanished(const Reply& reply, const Rules& rules) {
  require(enabled.vanished(), "VANISHED for who did not enable it");
  require(mailbox != nullptr, "VANISHED without a selected mailbox");
  require(!reply.values.empty(), "VANISHED names UIDs");
  const bool is_earlier = reply.values.size() == 2 && reply.values.front().kind == Value::Kind::list;
  require(!is_earlier || rules.earlier, "VANISHED (EARLIER) where nobody asked");
  require(is_earlier || rules.expunge, "VANISHED where no message number may change");
  for (const auto uid : numbers_in(reply.values.back().text)) {
    require(!mailbox->messages.contains(uid), "VANISHED of UID " + std::to_string(uid) + ", which is there");
    if (is_earlier) {
      earlier.insert(uid);
    } else {
      take_expunged(number_of(uid));
    }
  }
}

void Witness::take_exists(std::uint32_t count) {
  require(count >= view.size(), "EXISTS must not shrink; EXPUNGE says what goes");
  const auto last = view.empty() ? 0 : view.back().uid;
  auto next = mailbox->messages.upper_bound(last);
  while (view.size() < count) {
    require(next != mailbox->messages.end(), "EXISTS counts a message that there is not");
    view.push_back({next->first, std::nullopt});
    ++next;
  }
}

void Witness::take_expunged(std::uint32_t number) {
  require(number >= 1 && number <= view.size(), "EXPUNGE of a number that no message has");
  const auto place = view.begin() + number - 1;
  require(is_gone(*place), "EXPUNGE of UID " + std::to_string(place->uid) + ", which is there");
  view.erase(place);
}

void Witness::take_fetch(std::uint32_t number, const Value& items, const Rules& rules) {
  require(number >= 1 && number <= view.size(), "FETCH of a number that no message has, or none that was told");
  require(items.kind == Value::Kind::list && items.items.size() % 2 == 0, "FETCH is a list of names and values");
  auto& told = view[number - 1];
  std::set<std::string> names;
  for (std::size_t i = 0; i < items.items.size(); i += 2) {
    check_item(told, items.items[i].text, items.items[i + 1], rules);
    shown[told.uid].insert(items.items[i].text);
    names.insert(items.items[i].text);
  }
  if (!names.contains("FLAGS") || !enabled.condstore || rules.bare_flags) return;
  // RFC 7162 §3.2.4.
  require(names.contains("MODSEQ"), "flags without their mod-sequence");
  require(names.contains("UID") || enabled.uid_only, "changed flags without the UID");
}

void Witness::check_item(Told& told, const std::string& name, const Value& value, const Rules& rules) {
  const auto& message = mailbox->at(told.uid);
  const auto of = " of UID " + std::to_string(told.uid);
  const auto body = message.octets.find("\r\n\r\n") + 4;
  if (name == "UID") {
    require(number_in(value.text) == told.uid, "another UID than" + of);
  } else if (name == "FLAGS") {
    const auto flags = flags_in(value);
    const auto before = rules.before_seen.find(told.uid);
    const bool may_be_before = before != rules.before_seen.end() && flags == before->second;
    // RFC 2180 §4.1: what is gone may be shown as it was when this session last looked.
    const bool may_be_of_a_ghost = is_gone(told) && message.were.contains(flags);
    require(flags == message.flags || may_be_before || may_be_of_a_ghost, "wrong flags" + of);
    require(std::ranges::includes(applicable_, flags), "flags that FLAGS did not name" + of);
    told.flags = flags;
  } else if (name == "MODSEQ") {
    take_mod_seq(told, value, rules);
  } else if (name == "RFC822.SIZE") {
    require(number_in(value.text) == message.octets.size(), "wrong size" + of);
  } else if (name == "INTERNALDATE") {
    require(value.text == message.date, "wrong date" + of);
  } else if (name == "BODY[]") {
    require(value.text == message.octets, "wrong octets" + of);
  } else if (name == "BODY[HEADER]") {
    require(value.text == message.octets.substr(0, body), "wrong header" + of);
  } else if (name == "BODY[TEXT]") {
    require(value.text == message.octets.substr(body), "wrong text" + of);
  } else {
    throw Failure("an item that nobody asked for: " + name);
  }
}

void Witness::take_mod_seq(Told& told, const Value& value, const Rules& rules) {
  require(enabled.condstore, "MODSEQ for who did not enable it");
  require(value.kind == Value::Kind::list && value.items.size() == 1, "MODSEQ is a list of one number");
  const auto mod_seq = mod_seq_in(value.items.front().text);
  highest_shown_ = std::max(highest_shown_, mod_seq);
  if (is_gone(told)) return;
  auto& message = mailbox->messages.at(told.uid);
  // As it was before this command made it \Seen.
  if (rules.before_seen.contains(told.uid) && mod_seq < message.at_least) return;
  mailbox->learn(told.uid, mod_seq);
  told.version = message.version;
}

}  // namespace mailpod::model
