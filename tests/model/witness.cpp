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

std::string written(const Flags& flags) {
  std::string text;
  for (const auto& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return '(' + text + ')';
}

void Witness::select(std::shared_ptr<Mailbox> selected, bool is_read_only) {
  mailbox = std::move(selected);
  read_only = is_read_only;
  view.clear();
  for (const auto& [uid, message] : mailbox->messages) view.push_back({uid, std::nullopt});
}

void Witness::unselect() {
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
  }
}

void Witness::take(const Reply& reply, const Rules& rules) {
  if (reply.word == "FLAGS") {
    require(reply.values.size() == 1, "FLAGS has one list");
    applicable_ = flags_in(reply.values.front());
  }
  if (!reply.number) return;
  require(mailbox != nullptr, reply.word + " without a selected mailbox");
  if (reply.word == "EXISTS") {
    take_exists(*reply.number);
  } else if (reply.word == "RECENT") {
    require(*reply.number <= view.size(), "more are recent than there are");
  } else if (reply.word == "EXPUNGE") {
    require(rules.expunge, "EXPUNGE where no message number may change");
    take_expunge(*reply.number);
  } else if (reply.word == "FETCH") {
    require(reply.values.size() == 1, "FETCH has one list");
    take_fetch(*reply.number, reply.values.front(), rules);
  } else {
    throw Failure("an unknown response: " + reply.word);
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

void Witness::take_expunge(std::uint32_t number) {
  require(number >= 1 && number <= view.size(), "EXPUNGE of a number that no message has");
  const auto place = view.begin() + number - 1;
  require(is_gone(*place), "EXPUNGE of UID " + std::to_string(place->uid) + ", which is there");
  view.erase(place);
}

void Witness::take_fetch(std::uint32_t number, const Value& items, const Rules& rules) {
  require(number >= 1 && number <= view.size(), "FETCH of a number that no message has, or none that was told");
  require(items.kind == Value::Kind::list && items.items.size() % 2 == 0, "FETCH is a list of names and values");
  auto& told = view[number - 1];
  for (std::size_t i = 0; i < items.items.size(); i += 2) {
    check_item(told, items.items[i].text, items.items[i + 1], rules);
    shown[told.uid].insert(items.items[i].text);
  }
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

}  // namespace mailpod::model
