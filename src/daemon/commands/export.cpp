#include <algorithm>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <mailpod/base/log.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/transfer/writer.hpp>

#include "../terminal.hpp"
#include "../workplace.hpp"
#include "mail_visit.hpp"
#include "vault_errand.hpp"

namespace mailpod::daemon {
namespace {

using governance::Errc;
using nlohmann::json;
using transfer::MailboxToWrite;
using transfer::MessageToWrite;

constexpr std::size_t asked_at_once = 256;
/// Octets of messages that are asked for together; the desk answers with about as many.
constexpr std::uint64_t octets_at_once = 768 * 1024;

/// A mailbox of the vault's, and where it goes.
struct Box {
  std::uint32_t id = 0;
  std::uint64_t messages = 0;
  MailboxToWrite to;
};

struct Figures {
  std::uint64_t mailboxes = 0;
  std::uint64_t written = 0;
  std::uint64_t present = 0;     ///< were whole already
  std::uint64_t unreadable = 0;  ///< named and passed over
};

class Export {
public:
  Export(MailVisit& visit, transfer::Writer& writer) : visit_(visit), writer_(writer) {}

  Figures run(const std::vector<Box>& all, const std::vector<Box>& chosen) {
    std::vector<MailboxToWrite> list;
    for (const auto& box : all) list.push_back(box.to);
    writer_.begin(list);
    for (const auto& box : chosen) {
      if (!writer_.open_mailbox(box.to)) {
        remark("mailpod: {}: is there already, and stays as it is\n", base::printable(box.to.name, 1000));
        continue;
      }
      write_mailbox(box);
      writer_.close_mailbox();
      ++figures_.mailboxes;
    }
    writer_.end();
    return figures_;
  }

private:
  enum class Done { yes, again, unreadable, gone };

  void write_mailbox(const Box& box) {
    std::uint32_t after = 0;
    std::uint64_t seen = 0;
    for (bool more = true; more;) {
      const auto page = visit_.ask({{"what", "messages"}, {"mailbox", box.id}, {"after", after}});
      std::vector<MessageToWrite> wanted;
      for (const auto& each : page.at("messages")) {
        MessageToWrite message;
        message.number = {box.to.uid_validity, each.at(0)};
        message.size = each.at(1);
        message.label = {base::from_seconds(each.at(2)), each.at(3)};
        after = message.number.uid;
        if (writer_.has(message)) {
          ++figures_.present;
        } else {
          wanted.push_back(std::move(message));
        }
        visit_.stay();
      }
      seen += page.at("messages").size();
      write_messages(box, wanted);
      if (::isatty(STDERR_FILENO) == 1)
        remark("\r{}: {} of {}\x1b[K", base::printable(box.to.name, 60), seen, box.messages);
      more = page.at("more");
    }
    if (::isatty(STDERR_FILENO) == 1) remark("\r\x1b[K");
  }

  void write_messages(const Box& box, const std::vector<MessageToWrite>& wanted) {
    for (std::size_t i = 0; i < wanted.size();) {
      json uids = json::array();
      std::uint64_t octets = 0;
      for (std::size_t j = i; j < wanted.size() && uids.size() < asked_at_once; ++j) {
        octets += wanted[j].size;
        if (octets > octets_at_once && !uids.empty()) break;
        uids.push_back(wanted[j].number.uid);
      }
      const auto answer = visit_.ask({{"what", "read"}, {"mailbox", box.id}, {"uids", uids}, {"offset", 0}});
      for (const auto& piece : answer.at("pieces")) write_message(box, wanted.at(i++), piece);
      writer_.settle();
    }
  }

  void write_message(const Box& box, const MessageToWrite& message, const json& first) {
    if (first.contains("gone")) return;  // expunged since it was listed
    auto done = Done::again;
    // The second time another form is written, and that is the last.
    for (int times = 0; done == Done::again && times < 2; ++times) done = attempt(box, message, first);
    if (done == Done::yes) ++figures_.written;
    if (done == Done::unreadable) ++figures_.unreadable;
  }

  Done attempt(const Box& box, const MessageToWrite& message, json piece) {
    if (piece.contains("fault")) return give_up(box, message, piece);
    writer_.begin_message(message);
    for (std::uint64_t offset = 0;;) {
      const auto octets = text::parse_base64(piece.at("octets").get_ref<const std::string&>()).value_or("");
      writer_.write(octets);
      offset += octets.size();
      if (offset >= message.size) break;
      const json uids = json::array({message.number.uid});
      auto answer = visit_.ask({{"what", "read"}, {"mailbox", box.id}, {"uids", uids}, {"offset", offset}});
      piece = std::move(answer.at("pieces").at(0));
      if (!piece.contains("fault") && !piece.contains("gone")) continue;
      writer_.drop_message();
      if (piece.contains("gone")) return Done::gone;
      return give_up(box, message, piece);
    }
    return writer_.end_message() ? Done::yes : Done::again;
  }

  static Done give_up(const Box& box, const MessageToWrite& message, const json& piece) {
    remark("mailpod: {}, UID {}: {}; passed over\n", base::printable(box.to.name, 1000), message.number.uid,
           piece.at("fault").get<std::string>());
    return Done::unreadable;
  }

  MailVisit& visit_;
  transfer::Writer& writer_;
  Figures figures_;
};

std::vector<Box> boxes_of(const json& answer) {
  std::vector<Box> boxes;
  for (const auto& each : answer.at("mailboxes")) {
    if (!each.at("selectable").get<bool>()) continue;
    Box box;
    box.id = each.at("mailbox");
    box.messages = each.at("messages");
    box.to = {each.at("name"), each.at("use"), each.at("subscribed"), each.at("uid_validity"), each.at("keywords")};
    boxes.push_back(std::move(box));
  }
  return boxes;
}

std::vector<Box> chosen_of(const std::vector<Box>& boxes, const std::vector<std::string>& names) {
  if (names.empty()) return boxes;
  std::vector<Box> chosen;
  for (const auto& name : names) {
    const auto found = std::ranges::find_if(boxes, [&](const Box& box) { return box.to.name == name; });
    if (found == boxes.end())
      throw MailVisit::Refused({Errc::bad_value, name, 0, "there is no mailbox of this name",
                                "`mailpod vault stats NAME --unlock` lists them"});
    chosen.push_back(*found);
  }
  return chosen;
}

/// To whom age files are sealed: whom the caller names, or who reads the member's archive.
crypto::AgeRecipient recipient_of(const ExportOptions& options, Office& office) {
  auto wanted = options.recipient;
  if (wanted.empty()) {
    const auto archive = office.ask("vault.archive-show", {{"member", options.member}});
    if (!archive.has_value()) throw MailVisit::Refused(archive.error());
    if (archive->at("recipient").is_null())
      throw MailVisit::Refused({Errc::missing_key, "export", 0, "nobody is named who could open age files",
                                "give --recipient age1…, a public key as `age-keygen` prints it"});
    wanted = archive->at("recipient");
  }
  const auto parsed = crypto::AgeRecipient::parse(wanted);
  if (!parsed.has_value())
    throw MailVisit::Refused(
        {Errc::bad_value, wanted, 0, "this is no age recipient", "give a public key as `age-keygen` prints it: age1…"});
  return *parsed;
}

std::unique_ptr<transfer::Writer> writer_for(const ExportOptions& options, Office& office, const Workplace& workplace) {
  std::optional<crypto::AgeRecipient> recipient;
  if (options.format == "age") recipient = recipient_of(options, office);
  auto folder = transfer::Folder::make_at(options.folder);
  if (recipient) return transfer::make_sealed_writer(std::move(folder), workplace.machine().entropy, *recipient);
  if (options.format == "mbox") return transfer::make_mbox_writer(std::move(folder));
  return transfer::make_maildir_writer(std::move(folder));
}

void say_figures(const ExportOptions& options, const Figures& figures) {
  if (options.common.output == Output::json) {
    say("{}\n", json{{"mailboxes", figures.mailboxes},
                     {"written", figures.written},
                     {"present", figures.present},
                     {"unreadable", figures.unreadable}}
                    .dump(2));
    return;
  }
  say("{} messages written, {} were there already; {} mailboxes", figures.written, figures.present, figures.mailboxes);
  if (figures.unreadable > 0) say("; {} messages could not be read", figures.unreadable);
  say("\n");
}

}  // namespace

int export_mail(const ExportOptions& options) {
  auto secret = read_secret("password or app password of " + options.member);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  try {
    MailVisit visit(office, options.member, *secret);
    crypto::wipe(*secret);
    const auto boxes = boxes_of(visit.ask({{"what", "mailboxes"}}));
    const auto chosen = chosen_of(boxes, options.mailboxes);
    const auto writer = writer_for(options, office, workplace);
    const auto figures = Export(visit, *writer).run(boxes, chosen);
    say_figures(options, figures);
    return figures.unreadable > 0 ? 1 : 0;
  } catch (const MailVisit::Refused& refused) {
    return complain(refused.complaint);
  }
}

}  // namespace mailpod::daemon
