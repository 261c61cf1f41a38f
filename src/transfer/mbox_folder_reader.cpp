#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <system_error>

#include <mailpod/base/log.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>
#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/mailbox_names.hpp>
#include <mailpod/transfer/mbox.hpp>
#include <mailpod/transfer/reader.hpp>

namespace mailpod::transfer {
namespace {

constexpr std::string_view below_suffix = ".sbd";  // Thunderbird's, for the mailboxes below one
constexpr std::string_view file_suffix = ".mbox";

/// Reads ahead, because messages are read one after the other and some of them twice.
class Window final : public base::OctetSource {
public:
  explicit Window(std::unique_ptr<Folder::Source> file) : file_(std::move(file)) {}
  std::uint64_t size() const override { return file_->size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    if (into.size() > octets_.size()) return file_->read_at(offset, into);
    if (offset < begin_ || offset + into.size() > begin_ + held_) {
      begin_ = offset;
      held_ = file_->read_at(offset, octets_);
    }
    return std::string_view(octets_.data(), held_)
        .copy(into.data(), into.size(), static_cast<std::size_t>(offset - begin_));
  }

private:
  std::unique_ptr<Folder::Source> file_;
  mutable std::string octets_ = std::string(256 * 1024, '\0');
  mutable std::uint64_t begin_ = 0;
  mutable std::size_t held_ = 0;
};

/// The messages of one file.
class Messages {
public:
  Messages(std::unique_ptr<Folder::Source> file, std::string place)
      : file_(std::move(file)), place_(std::move(place)) {}

  bool is_mbox() const {
    return file_.size() == 0 || read_mbox_message(file_, 0, [](std::string_view) {}).has_value();
  }

  std::optional<FoundMessage> next(const Reader::Take& take) {
    begins_ = ends_;
    const auto message = read_mbox_message(file_, begins_, take);
    if (!message) return std::nullopt;
    ends_ = message->next;
    FoundMessage found{message->label, place_ + ", message " + std::to_string(++number_), ""};
    found.mail = !message->internal;
    return found;
  }

  void again(const Reader::Take& take) const { read_mbox_message(file_, begins_, take); }

private:
  Window file_;
  std::string place_;
  std::uint64_t begins_ = 0;
  std::uint64_t ends_ = 0;
  std::uint64_t number_ = 0;
};

std::vector<FoundMessage> no_mbox(const std::string& place) {
  return {{{}, place, "this is no mbox file: it does not begin with a From_ line"}};
}

class MboxReader final : public Reader {
public:
  MboxReader(std::unique_ptr<Folder::Source> file, const std::string& name)
      : mailboxes_{{name, "", true, ""}}, file_(std::move(file)) {}

  const std::vector<FoundMailbox>& mailboxes() const override { return mailboxes_; }
  std::vector<FoundMessage> open(std::size_t) override {
    const auto place = base::printable(mailboxes_.front().name, file_name_limit);
    messages_.emplace(std::move(file_), place);
    if (!messages_->is_mbox()) return no_mbox(place);
    return {};
  }
  std::optional<FoundMessage> next(const Take& take) override { return messages_->next(take); }
  void again(const Take& take) override { messages_->again(take); }

private:
  std::vector<FoundMailbox> mailboxes_;
  std::unique_ptr<Folder::Source> file_;
  std::optional<Messages> messages_;
};

class MboxFolderReader final : public Reader {
public:
  MboxFolderReader(Folder folder, ReaderLimits limits) : root_(std::move(folder)), limits_(limits) {
    const auto list = root_.read_whole(std::string(export_list_name), export_list_limit);
    for (auto& mailbox : parse_export_list(list.value_or("")).value_or(std::vector<ExportedMailbox>{}))
      exported_.emplace(mailbox.place, std::move(mailbox));
    search(root_, {}, "");
  }

  const std::vector<FoundMailbox>& mailboxes() const override { return mailboxes_; }

  std::vector<FoundMessage> open(std::size_t mailbox) override {
    const auto place = base::printable(mailboxes_.at(mailbox).place, 1000);
    auto file = file_at(paths_.at(mailbox));
    if (!file) throw std::system_error(ENOENT, std::generic_category(), place);
    messages_.emplace(std::move(file), place);
    return {};
  }
  std::optional<FoundMessage> next(const Take& take) override { return messages_->next(take); }
  void again(const Take& take) override { messages_->again(take); }

private:
  using Path = std::vector<std::string>;

  void search(const Folder& folder, const Path& path, const std::string& above) {
    if (path.size() >= limits_.levels) return;
    auto entries = folder.list();
    std::ranges::sort(entries, {}, &Folder::Entry::name);
    for (const auto& entry : entries) {
      if (entry.name.starts_with('.')) continue;
      Path its_path = path;
      its_path.push_back(entry.name);
      if (entry.kind == Folder::Kind::file) found(folder, its_path, above);
      if (entry.kind != Folder::Kind::folder) continue;
      const auto below = folder.folder(entry.name);
      if (!below) continue;
      auto level = std::string_view(entry.name);
      if (level.ends_with(below_suffix)) level.remove_suffix(below_suffix.size());
      search(*below, its_path, above + text::repaired_utf8(level) + "/");
    }
  }

  /// What does not begin as an mbox file is some other file of the program's.
  void found(const Folder& folder, const Path& path, const std::string& above) {
    const auto known = exported_.find(path.back());
    if (path.size() == 1 && known != exported_.end()) {
      add({known->second.name, known->second.use, known->second.subscribed, path.back()}, path);
      return;
    }
    if (path.back().ends_with(".part") || path.back().ends_with(".progress")) return;
    auto file = folder.read(path.back());
    if (!file || file->size() == 0 || !Messages(std::move(file), "").is_mbox()) return;
    std::string_view level = path.back();
    if (level.ends_with(file_suffix) && level.size() > file_suffix.size()) level.remove_suffix(file_suffix.size());
    std::string place;
    for (const auto& name : path) place += (place.empty() ? "" : "/") + name;
    const auto name = above + text::repaired_utf8(level);
    add({name, std::string(use_of_name(name)), true, place}, path);
  }

  void add(FoundMailbox mailbox, const Path& path) {
    if (mailboxes_.size() >= limits_.mailboxes) return;
    mailboxes_.push_back(std::move(mailbox));
    paths_.push_back(path);
  }

  std::unique_ptr<Folder::Source> file_at(const Path& path) const {
    auto folder = std::make_unique<Folder>(root_.same());
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      auto below = folder->folder(path[i]);
      if (!below) return nullptr;
      folder = std::make_unique<Folder>(std::move(*below));
    }
    return folder->read(path.back());
  }

  Folder root_;
  ReaderLimits limits_;
  std::map<std::string, ExportedMailbox> exported_;
  std::vector<FoundMailbox> mailboxes_;
  std::vector<Path> paths_;
  std::optional<Messages> messages_;
};

}  // namespace

std::unique_ptr<Reader> make_mbox_folder_reader(Folder folder, ReaderLimits limits) {
  return std::make_unique<MboxFolderReader>(std::move(folder), limits);
}

std::unique_ptr<Reader> make_mbox_reader(std::unique_ptr<Folder::Source> file, const std::string& name) {
  return std::make_unique<MboxReader>(std::move(file), name);
}

}  // namespace mailpod::transfer
