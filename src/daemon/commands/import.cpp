#include <algorithm>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <mailpod/base/log.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>
#include <mailpod/transfer/reader.hpp>

#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "mail_visit.hpp"

namespace mailpod::daemon {
namespace {

using governance::Errc;
using nlohmann::json;
using transfer::FoundMailbox;
using transfer::FoundMessage;

constexpr std::size_t head_octets = 1024;

struct Figures {
  std::uint64_t mailboxes = 0;
  std::uint64_t taken = 0;
  std::uint64_t present = 0;       ///< were there already
  std::uint64_t passed_over = 0;   ///< named, and not taken
  std::set<std::string> left_out;  ///< flags that mailboxes have no room for
};

/// Whether it begins as mail does: with a field, or a From_ line that some program left there.
bool begins_with_field(std::string_view head) {
  if (head.starts_with("From ") || head.starts_with(">From ")) return true;
  const auto end = head.find_first_of(":\r\n");
  if (end == std::string_view::npos || head[end] != ':' || end == 0) return false;
  return std::ranges::all_of(head.substr(0, end), [](char octet) { return octet >= ' ' && octet < 0x7f; });
}

/// A message while it passes by: kept if it is small, looked at in any case.
class Passing {
public:
  /// `small`: octets that are kept at most.
  explicit Passing(std::size_t small) : small_(small) {}
  void take(std::string_view piece) {
    size_ += piece.size();
    hash_.update(piece);
    has_nul_ = has_nul_ || piece.find('\0') != std::string_view::npos;
    if (head_.size() < head_octets) head_.append(piece.substr(0, head_octets - head_.size()));
    if (kept()) {
      octets_.append(piece);
    } else {
      octets_.clear();
    }
  }

  /// Why it is no mail that the pod takes; empty: it is.
  std::string trouble(std::uint64_t limit) const {
    if (size_ == 0) return "it is empty";
    if (size_ > limit) return "it is larger than the pod takes";
    if (has_nul_) return "it holds NUL octets";
    if (!begins_with_field(head_)) return "it does not begin with a header";
    return {};
  }

  std::uint64_t size() const { return size_; }
  bool kept() const { return size_ <= small_; }
  std::string& octets() { return octets_; }
  std::string hash() { return base::hex(base::octets(hash_.finish())); }

private:
  std::size_t small_;
  std::uint64_t size_ = 0;
  crypto::Sha256 hash_;
  bool has_nul_ = false;
  std::string head_;
  std::string octets_;
};

class Import {
public:
  Import(MailVisit& visit, transfer::Reader& reader, std::string into)
      : visit_(visit), reader_(reader), into_(std::move(into)), portion_(visit.portion()) {
    limit_ = visit_.ask({{"what", "mailboxes"}}).at("message_size");
  }

  Figures run() {
    for (std::size_t i = 0; i < reader_.mailboxes().size(); ++i) {
      const auto& found = reader_.mailboxes()[i];
      if (!open_mailbox(found)) continue;
      for (const auto& other : reader_.open(i)) pass_over(other.place, other.trouble);
      take_messages();
      ++figures_.mailboxes;
    }
    return figures_;
  }

private:
  struct Waiting {
    std::string hash;
    std::uint64_t size = 0;
    std::string octets;
    std::uint32_t date = 0;
    transfer::FlagWords flags;
    std::string place;
  };

  void pass_over(const std::string& place, const std::string& why) {
    remark("mailpod: {}: {}; passed over\n", place, why);
    ++figures_.passed_over;
  }

  bool open_mailbox(const FoundMailbox& found) {
    auto name = found.name;
    if (!into_.empty()) name = found.name == "INBOX" ? into_ : into_ + "/" + found.name;
    const auto made = visit_.ask({{"what", "make"},
                                  {"name", text::repaired_utf8(name)},
                                  {"use", into_.empty() ? found.use : ""},
                                  {"subscribed", found.subscribed}});
    shown_ = base::printable(name, 1000);
    if (made.contains("fault")) {
      pass_over(shown_, made.at("fault").get<std::string>());
      return false;
    }
    mailbox_ = made.at("mailbox");
    return true;
  }

  void take_messages() {
    std::uint64_t seen = 0;
    for (;;) {
      Passing passing(portion_.octets);
      const auto message = reader_.next([&](std::string_view piece) { passing.take(piece); });
      if (!message) break;
      visit_.stay();
      if (!message->mail) continue;
      if (::isatty(STDERR_FILENO) == 1 && ++seen % 1000 == 0) remark("\r{}: {}\x1b[K", shown_, seen);
      const auto trouble = message->trouble.empty() ? passing.trouble(limit_) : message->trouble;
      if (!trouble.empty()) {
        pass_over(message->place, trouble);
        continue;
      }
      Waiting waiting{passing.hash(),    passing.size(),       std::move(passing.octets()),
                      date_of(*message), message->label.flags, message->place};
      if (!passing.kept()) {
        give();
        give_large(waiting);
        continue;
      }
      if (waiting_octets_ + waiting.octets.size() > portion_.octets || waiting_.size() == portion_.messages) give();
      waiting_octets_ += waiting.octets.size();
      waiting_.push_back(std::move(waiting));
    }
    give();
    if (::isatty(STDERR_FILENO) == 1) remark("\r\x1b[K");
  }

  static std::uint32_t date_of(const FoundMessage& message) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(base::to_seconds(message.label.date), std::numeric_limits<std::uint32_t>::max()));
  }

  /// Which of them the mailbox has.
  std::vector<bool> present(std::span<const Waiting> messages) {
    json asked = json::array();
    for (const auto& each : messages) asked.push_back(json::array({each.hash, each.size, each.date}));
    const auto answer = visit_.ask({{"what", "have"}, {"mailbox", mailbox_}, {"messages", asked}});
    return answer.at("have").get<std::vector<bool>>();
  }

  void give() {
    if (waiting_.empty()) return;
    const auto there = present(waiting_);
    std::set<std::pair<std::string, std::uint32_t>> among;  // the same twice in one place is one message
    json messages = json::array();
    std::vector<std::size_t> given;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      auto& each = waiting_[i];
      if (there.at(i) || !among.emplace(each.hash, each.date).second) {
        ++figures_.present;
        continue;
      }
      messages.push_back({{"octets", text::write_base64(each.octets)}, {"date", each.date}, {"flags", each.flags}});
      given.push_back(i);
    }
    if (!given.empty()) {
      const auto answer = visit_.ask({{"what", "add"}, {"mailbox", mailbox_}, {"messages", std::move(messages)}});
      for (std::size_t i = 0; i < given.size(); ++i) count(waiting_[given[i]].place, answer.at("faults").at(i));
      note_left_out(answer);
    }
    waiting_.clear();
    waiting_octets_ = 0;
  }

  void give_large(const Waiting& message) {
    if (present(std::span(&message, 1)).front()) {
      ++figures_.present;
      return;
    }
    bool fresh = true;
    std::string fault;
    std::string piece;
    const auto send = [&] {
      if (!piece.empty() && fault.empty()) {
        const auto answer = visit_.ask({{"what", "spool"}, {"octets", text::write_base64(piece)}, {"fresh", fresh}});
        fault = answer.value("fault", "");
        fresh = false;
      }
      piece.clear();
    };
    reader_.again([&](std::string_view octets) {
      while (!octets.empty()) {
        const auto some = octets.substr(0, portion_.octets - piece.size());
        piece.append(some);
        octets.remove_prefix(some.size());
        if (piece.size() == portion_.octets) send();
      }
    });
    send();
    if (!fault.empty()) {
      pass_over(message.place, fault);
      return;
    }
    const json one{{"spooled", true}, {"date", message.date}, {"flags", message.flags}};
    const auto answer = visit_.ask({{"what", "add"}, {"mailbox", mailbox_}, {"messages", json::array({one})}});
    count(message.place, answer.at("faults").at(0));
    note_left_out(answer);
  }

  void count(const std::string& place, const json& fault) {
    if (fault.get_ref<const std::string&>().empty()) {
      ++figures_.taken;
    } else {
      pass_over(place, fault);
    }
  }

  void note_left_out(const json& answer) {
    for (const auto& word : answer.at("left_out")) figures_.left_out.insert(base::printable(word.get<std::string>()));
  }

  MailVisit& visit_;
  transfer::Reader& reader_;
  std::string into_;
  Office::Portion portion_;
  std::uint64_t limit_ = 0;
  std::uint32_t mailbox_ = 0;
  std::string shown_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_octets_ = 0;
  Figures figures_;
};

bool is_folder(const std::string& path) {
  try {
    transfer::Folder::at(path);
    return true;
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::not_a_directory) return false;
    throw;
  }
}

/// What a single file is called, without what it ends with.
std::string name_of_file(const std::string& path) {
  auto name = path.substr(path.find_last_of('/') + 1);
  if (name.size() > 5 && name.ends_with(".mbox")) name.resize(name.size() - 5);
  return text::repaired_utf8(name);
}

std::unique_ptr<transfer::Reader> reader_for(const ImportOptions& options) {
  if (!is_folder(options.path)) {
    if (options.format == "maildir")
      throw MailVisit::Refused({Errc::bad_value, options.path, 0, "this is a file, and a Maildir is a folder",
                                "give --format mbox, or name the folder in which cur/ and new/ are"});
    return transfer::make_mbox_reader(transfer::open_file(options.path),
                                      options.into.empty() ? name_of_file(options.path) : "INBOX");
  }
  auto folder = transfer::Folder::at(options.path);
  const bool maildir = options.format.empty() ? transfer::looks_like_maildir(folder) : options.format == "maildir";
  if (maildir) return transfer::make_maildir_reader(std::move(folder));
  return transfer::make_mbox_folder_reader(std::move(folder));
}

void say_figures(const ImportOptions& options, const Figures& figures) {
  if (options.common.output == Output::json) {
    say("{}\n", json{{"mailboxes", figures.mailboxes},
                     {"taken", figures.taken},
                     {"present", figures.present},
                     {"passed_over", figures.passed_over},
                     {"flags_left_out", figures.left_out}}
                    .dump(2));
    return;
  }
  say("{} messages taken, {} were there already; {} mailboxes", figures.taken, figures.present, figures.mailboxes);
  if (figures.passed_over > 0) say("; {} passed over", figures.passed_over);
  say("\n");
  if (!figures.left_out.empty())
    remark("mailpod: flags for which a mailbox has no room, left out: {}\n", fmt::join(figures.left_out, " "));
}

}  // namespace

int import_mail(const ImportOptions& options) {
  auto secret = read_secret("password or app password of " + options.member);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  try {
    const auto reader = reader_for(options);
    if (reader->mailboxes().empty())
      throw MailVisit::Refused({Errc::missing_key, options.path, 0, "there is no mail that could be read",
                                "name a Maildir (with cur/ and new/), an mbox file, or a folder of them"});
    MailVisit visit(office, options.member, *secret);
    crypto::wipe(*secret);
    const auto figures = Import(visit, *reader, options.into).run();
    say_figures(options, figures);
    return figures.passed_over > 0 ? 1 : 0;
  } catch (const MailVisit::Refused& refused) {
    return complain(refused.complaint);
  }
}

}  // namespace mailpod::daemon
