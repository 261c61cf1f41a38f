#include <algorithm>

#include "actors.hpp"

// The commands that concern mailboxes, and APPEND. RFC 3501 §6.3.
namespace mailpod::model {
void Actors::append(Witness& who, simulation::Dice& dice) {
  const auto name = choose_name(dice);
  const auto mailbox = truth_.find(name);
  Message message;
  message.flags = choose_flags(dice);
  message.day = static_cast<int>(1 + dice.below(28));
  message.date = (message.day < 10 ? " " : "") + std::to_string(message.day) + "-Nov-2026 12:00:00 +0000";
  message.octets = "From: Bob <bob@pod.lab>\r\nSubject: word" + std::to_string(dice.below(10)) + ". " +
                   std::to_string(++messages_) + "\r\n\r\nword" + std::to_string(dice.below(10)) + ". " +
                   std::string(dice.below(1'500), 'x') + "\r\n";
  const auto answer = ask(who, "APPEND " + name + ' ' + written(message.flags) + " \"" + message.date + "\" {" +
                                   std::to_string(message.octets.size()) + "+}\r\n" + message.octets);
  if (mailbox == nullptr) {
    expect(answer, "NO");
    require(!answer.code.empty() && answer.code[0].text == "TRYCREATE", "no TRYCREATE");
    return take(who, answer);
  }
  expect(answer, "OK");
  require(answer.code.size() == 3 && answer.code[0].text == "APPENDUID", "there is no APPENDUID");
  truth_.see_validity(name, mailbox, number_in(answer.code[1].text));
  mailbox->add(number_in(answer.code[2].text), std::move(message));
  take(who, answer);
}

void Actors::create(Witness& who, simulation::Dice& dice) {
  const auto name = choose_name(dice);
  const bool exists = truth_.find(name) != nullptr;
  const auto answer = ask(who, "CREATE " + name);
  expect(answer, exists ? "NO" : "OK");
  if (!exists) truth_.create(name);
  take(who, answer);
}

void Actors::delete_(Witness& who, simulation::Dice& dice) {
  const auto name = choose_name(dice);
  const bool can = name != "INBOX" && truth_.find(name) != nullptr;
  const auto answer = ask(who, "DELETE " + name);
  expect(answer, can ? "OK" : "NO");
  if (can) truth_.remove(name);
  take(who, answer);
}

void Actors::rename(Witness& who, simulation::Dice& dice) {
  const auto from = choose_name(dice);
  const auto to = choose_name(dice);
  const auto mailbox = truth_.find(from);
  const bool can = mailbox != nullptr && truth_.find(to) == nullptr;
  const auto answer = ask(who, "RENAME " + from + ' ' + to);
  expect(answer, can ? "OK" : "NO");
  if (!can) return take(who, answer);
  if (from != "INBOX") {
    truth_.rename(from, to);
    return take(who, answer);
  }
  // RFC 3501 §6.3.5: the messages go to a new mailbox, and INBOX is empty.
  std::vector<Message> messages;
  while (!mailbox->messages.empty()) {
    messages.push_back(mailbox->messages.begin()->second);
    mailbox->expunge(mailbox->messages.begin()->first);
  }
  truth_.create(to);
  learn(*truth_.find(to), to, std::move(messages));
  take(who, answer);
}

/// Which UIDs the messages of a mailbox got, where no answer has said it: they are there in this order.
void Actors::learn(Mailbox& mailbox, const std::string& name, std::vector<Message> messages) {
  expect(ask(auditor_, "EXAMINE " + name), "OK");
  if (!messages.empty()) {
    const auto answer = ask(auditor_, "FETCH 1:* UID");
    expect(answer, "OK");
    require(answer.untagged.size() == messages.size(), "not all messages of INBOX are in " + name);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      mailbox.add(number_in(answer.untagged[i].values.at(0).items.at(1).text), std::move(messages[i]));
    }
  }
  expect(ask(auditor_, "UNSELECT"), "OK");
}

void Actors::list(Witness& who, simulation::Dice&) {
  const auto answer = ask(who, "LIST \"\" *");
  expect(answer, "OK");
  std::vector<std::string> listed;
  for (const auto& reply : answer.untagged) {
    if (reply.word == "LIST") listed.push_back(reply.values.back().text);
  }
  std::ranges::sort(listed);
  require(listed == truth_.names(), "LIST names other mailboxes than there are");
  take(who, answer);
}

void Actors::status(Witness& who, simulation::Dice& dice) {
  const auto name = choose_name(dice);
  const auto mailbox = truth_.find(name);
  const auto answer = ask(who, "STATUS " + name + " (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)");
  expect(answer, mailbox == nullptr ? "NO" : "OK");
  const auto told = std::ranges::find(answer.untagged, "STATUS", &Reply::word);
  require((told == answer.untagged.end()) == (mailbox == nullptr), "STATUS is told of what there is");
  if (mailbox != nullptr) {
    require(told->values.at(0).text == name && told->values.at(1).items.size() == 8, "STATUS of something else");
    std::map<std::string, std::uint32_t> figures;
    for (std::size_t i = 0; i < 8; i += 2) {
      figures[told->values[1].items[i].text] = number_in(told->values[1].items[i + 1].text);
    }
    const auto unseen = [](const auto& entry) { return !entry.second.flags.contains("\\Seen"); };
    require(figures.at("MESSAGES") == mailbox->messages.size(), "wrong MESSAGES");
    require(figures.at("UNSEEN") == std::ranges::count_if(mailbox->messages, unseen), "wrong UNSEEN");
    mailbox->promise(figures.at("UIDNEXT"));
    truth_.see_validity(name, mailbox, figures.at("UIDVALIDITY"));
  }
  take(who, answer);
}

void Actors::audit() {
  for (auto& who : sessions_) {
    simulation::Dice dice(0);
    if (who.idles) idle(who, dice);
  }
  for (const auto& name : truth_.names()) {
    const auto mailbox = truth_.find(name);
    const auto selected = ask(auditor_, "EXAMINE " + name);
    expect(selected, "OK");
    auditor_.select(mailbox, true);
    take(auditor_, selected);
    if (mailbox->messages.empty()) continue;
    const auto answer = ask(auditor_, "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
    expect(answer, "OK");
    take(auditor_, answer);
    for (const auto& [uid, message] : mailbox->messages) {
      require(auditor_.shown[uid].size() == 5, "UID " + std::to_string(uid) + " of " + name + " is not there");
    }
  }
  auditor_.unselect();
  expect(ask(auditor_, "UNSELECT"), "OK");
  simulation::Dice dice(0);
  list(auditor_, dice);
}

}  // namespace mailpod::model
