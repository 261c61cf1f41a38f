#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>

#include <mailpod/base/log.hpp>
#include <mailpod/text/unicode.hpp>
#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/line_ends.hpp>
#include <mailpod/transfer/mailbox_names.hpp>
#include <mailpod/transfer/maildir_name.hpp>
#include <mailpod/transfer/reader.hpp>

#include "maildir_files.hpp"

namespace mailpod::transfer {
namespace {

constexpr std::size_t read_at_once = 64 * 1024;
constexpr std::array<const char*, 2> with_messages{"cur", "new"};

bool is_maildir(const Folder& folder) {
  return folder.folder("cur") || folder.folder("new");
}

class MaildirReader final : public Reader {
public:
  MaildirReader(Folder folder, ReaderLimits limits) : root_(std::move(folder)), limits_(limits) {
    const auto list = root_.read_whole(std::string(export_list_name), export_list_limit);
    for (auto& mailbox : parse_export_list(list.value_or("")).value_or(std::vector<ExportedMailbox>{}))
      exported_.emplace(mailbox.place, std::move(mailbox));
    if (is_maildir(root_)) found({}, "INBOX", ".");
    search(root_, {}, "");
  }

  const std::vector<FoundMailbox>& mailboxes() const override { return mailboxes_; }

  std::vector<FoundMessage> open(std::size_t mailbox) override {
    open_.emplace(folder_of(paths_.at(mailbox)));
    place_ = mailboxes_.at(mailbox).place;
    auto& open = *open_;
    open.letters = parse_dovecot_keywords(open.folder.read_whole(std::string(keywords_file), small_file).value_or(""));
    read_further_keywords();
    std::vector<FoundMessage> no_mail;
    for (const bool fresh : {false, true}) {
      if (!open.in[fresh ? 1 : 0]) continue;
      for (auto& entry : open.in[fresh ? 1 : 0]->list()) {
        if (entry.name.starts_with('.')) continue;
        if (entry.kind == Folder::Kind::file) {
          const auto name = parse_maildir_name(entry.name, {});
          open.files.push_back({name->seconds.value_or(0), std::move(entry.name), fresh});
        } else if (entry.kind == Folder::Kind::other) {
          no_mail.push_back({{}, place_for(entry.name, fresh), "this is no file but a link or a device"});
        }
      }
    }
    // UIDs are to follow the order of arrival.
    std::ranges::sort(open.files, {}, [](const File& file) { return std::tie(file.seconds, file.name); });
    return no_mail;
  }

  std::optional<FoundMessage> next(const Take& take) override {
    auto& open = *open_;
    if (open.next == open.files.size()) return std::nullopt;
    const auto& file = open.files[open.next++];
    FoundMessage message;
    message.place = place_for(file.name, file.fresh);
    const auto name = parse_maildir_name(file.name, open.letters);
    message.trouble = open_source(*open.in[file.fresh ? 1 : 0], file.name);
    if (!message.trouble.empty()) return message;
    message.label.flags = name->flags;
    if (const auto further = open.further.find(name->unique); further != open.further.end()) {
      for (const auto& word : further->second) add_word(message.label.flags, word);
    }
    message.label.date = name->ours ? base::from_seconds(*name->seconds) : source_->changed();
    exact_ = name->exact && name->size == source_->size();
    message.trouble = pass(take).message;
    return message;
  }

  void again(const Take& take) override {
    if (const auto failure = pass(take); failure.code) throw std::system_error(failure.code, failure.message);
  }

private:
  struct Failure {
    std::error_code code;
    std::string message;
  };

  using Path = std::vector<std::string>;
  struct File {
    std::uint64_t seconds = 0;
    std::string name;
    bool fresh = false;  ///< in new/
  };
  struct Open {
    explicit Open(Folder its_folder)
        : folder(std::move(its_folder)), in{folder.folder(with_messages[0]), folder.folder(with_messages[1])} {}
    Folder folder;
    std::array<std::optional<Folder>, 2> in;
    KeywordLetters letters;
    std::map<std::string, FlagWords, std::less<>> further;
    std::vector<File> files;
    std::size_t next = 0;
  };

  /// One file that may not be read is no reason to leave the others. Why it may not; empty: it is open.
  std::string open_source(const Folder& folder, const std::string& name) {
    try {
      source_ = folder.read(name);
      return source_ ? "" : "it has gone meanwhile";
    } catch (const std::system_error& failure) {
      return failure.code().message();
    }
  }

  /// All of the open file. What `take` throws passes through.
  Failure pass(const Take& take) const {
    LinesToCrlf lines;
    std::string piece(read_at_once, '\0');
    std::string converted;
    for (std::uint64_t at = 0;;) {
      std::size_t got = 0;
      try {
        got = source_->read_at(at, piece);
      } catch (const std::system_error& failure) {
        return {failure.code(), failure.code().message()};
      }
      if (got == 0) return {};
      at += got;
      const std::string_view octets(piece.data(), got);
      converted.clear();
      if (!exact_) lines.convert(octets, converted);
      take(exact_ ? octets : converted);
    }
  }

  void found(Path path, const std::string& name, const std::string& place) {
    if (mailboxes_.size() >= limits_.mailboxes) return;
    const std::string shown(without_inbox(name));
    FoundMailbox mailbox{shown, std::string(use_of_name(shown)), true, place};
    if (const auto known = exported_.find(place); known != exported_.end()) {
      mailbox.name = known->second.name;
      mailbox.use = known->second.use;
      mailbox.subscribed = known->second.subscribed;
    }
    mailboxes_.push_back(std::move(mailbox));
    paths_.push_back(std::move(path));
  }

  /// Folders of Maildir++ lie beside one another, others in one another.
  void search(const Folder& folder, const Path& path, const std::string& above) {
    if (path.size() >= limits_.levels) return;
    auto entries = folder.list();
    std::ranges::sort(entries, {}, &Folder::Entry::name);
    for (const auto& entry : entries) {
      if (entry.kind != Folder::Kind::folder || entry.name == "cur" || entry.name == "new" || entry.name == "tmp")
        continue;
      const auto below = folder.folder(entry.name);
      if (!below) continue;
      const bool dotted = entry.name.starts_with('.');
      const auto level = dotted ? parse_folder_name(entry.name) : parse_level_name(entry.name);
      if (level.empty()) continue;
      const auto name = above.empty() ? level : above + "/" + level;
      Path its_path = path;
      its_path.push_back(entry.name);
      if (is_maildir(*below)) found(its_path, name, place_of(its_path));
      search(*below, its_path, name);
    }
  }

  static std::string place_of(const Path& path) {
    std::string place;
    for (const auto& name : path) place += (place.empty() ? "" : "/") + name;
    return place;
  }

  std::string place_for(const std::string& name, bool fresh) const {
    return (place_ == "." ? "" : base::printable(place_, 1000) + "/") + (fresh ? "new/" : "cur/") +
           base::printable(name, file_name_limit);
  }

  Folder folder_of(const Path& path) const {
    auto folder = std::make_unique<Folder>(root_.same());
    for (const auto& name : path) {
      auto below = folder->folder(name);
      if (!below) throw std::system_error(ENOENT, std::generic_category(), base::printable(name));
      folder = std::make_unique<Folder>(std::move(*below));
    }
    return std::move(*folder);
  }

  void read_further_keywords() {
    const auto file = open_->folder.read_whole(std::string(further_keywords_file), further_limit).value_or("");
    for (std::string_view rest = file; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto space = line.find(' ');
      if (space == std::string_view::npos) continue;
      add_word(open_->further[std::string(line.substr(0, space))], line.substr(space + 1));
    }
  }

  Folder root_;
  ReaderLimits limits_;
  std::map<std::string, ExportedMailbox> exported_;  ///< by place
  std::vector<FoundMailbox> mailboxes_;
  std::vector<Path> paths_;  ///< of each
  std::string place_;
  std::optional<Open> open_;
  std::unique_ptr<Folder::Source> source_;
  bool exact_ = false;
};

}  // namespace

std::unique_ptr<Reader> make_maildir_reader(Folder folder, ReaderLimits limits) {
  return std::make_unique<MaildirReader>(std::move(folder), limits);
}

bool looks_like_maildir(const Folder& folder) {
  if (is_maildir(folder)) return true;
  return std::ranges::any_of(folder.list(), [&](const Folder::Entry& entry) {
    const auto below = entry.kind == Folder::Kind::folder ? folder.folder(entry.name) : std::nullopt;
    return below && is_maildir(*below);
  });
}

}  // namespace mailpod::transfer
