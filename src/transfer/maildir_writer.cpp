#include <algorithm>
#include <optional>

#include <mailpod/text/ascii.hpp>
#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/line_ends.hpp>
#include <mailpod/transfer/mailbox_names.hpp>
#include <mailpod/transfer/writer.hpp>

#include "maildir_files.hpp"

namespace mailpod::transfer {
namespace {

std::string place_of(const MailboxToWrite& mailbox) {
  if (mailbox.name == "INBOX") return ".";
  auto name = "." + write_folder_name(mailbox.name);
  // Only the list says then whose it is.
  if (name.size() > file_name_limit) name = ".mailpod-" + std::to_string(mailbox.uid_validity);
  return name;
}

class MaildirWriter final : public Writer {
public:
  explicit MaildirWriter(Folder folder) : root_(std::move(folder)) {}

  void begin(const std::vector<MailboxToWrite>& mailboxes) override {
    std::vector<ExportedMailbox> list;
    for (const auto& mailbox : mailboxes)
      list.push_back({place_of(mailbox), mailbox.use, mailbox.subscribed, mailbox.name});
    root_.replace(std::string(export_list_name), write_export_list(list));
  }

  bool open_mailbox(const MailboxToWrite& mailbox) override {
    const auto place = place_of(mailbox);
    open_.emplace(place == "." ? root_.same() : root_.make_folder(place));
    auto& open = *open_;
    // Maildir++ knows a folder by it.
    if (place != ".") open.folder.replace("maildirfolder", "");
    open.letters = parse_dovecot_keywords(open.folder.read_whole(std::string(keywords_file), small_file).value_or(""));
    give_letters(mailbox.keywords);
    for (auto& entry : open.cur.list()) {
      if (entry.kind == Folder::Kind::file) open.present.push_back(std::move(entry.name));
    }
    std::ranges::sort(open.present);
    // Of a run that ended before its time. Others' deliveries into this folder keep theirs.
    for (const auto& entry : open.tmp.list()) {
      if (entry.name.ends_with(".mailpod")) open.tmp.remove(entry.name);
    }
    return true;
  }

  bool has(const MessageToWrite& message) override {
    auto& open = *open_;
    const auto unique = write_unique_name(message.label, message.number);
    for (auto there = std::ranges::lower_bound(open.present, unique);
         there != open.present.end() && there->starts_with(unique); ++there) {
      const auto name = parse_maildir_name(*there, open.letters);
      if (!name || name->unique != unique) continue;
      const auto file = open.cur.read(*there);
      if (!file || file->size() != name->size) continue;
      const auto wanted = write_maildir_name(unique, message.label.flags, open.letters, file->size(), message.size);
      if (wanted != *there) open.cur.rename(*there, open.cur, wanted);
      note_further_keywords(unique, message.label.flags);
      return true;
    }
    return false;
  }

  void begin_message(const MessageToWrite& message) override {
    const bool again = message_ && message_->number.uid == message.number.uid && exact_;
    exact_ = again;
    lines_ = {};
    message_ = message;
    unique_ = write_unique_name(message.label, message.number);
    output_ = open_->tmp.write(unique_, Folder::Begin::fresh);
  }

  void write(std::string_view octets) override {
    if (exact_) return output_->write(octets);
    converted_.clear();
    lines_.convert(octets, converted_);
    output_->write(converted_);
  }

  bool end_message() override {
    if (!exact_) {
      converted_.clear();
      lines_.finish(converted_);
      output_->write(converted_);
      if (!lines_.reversible()) {
        exact_ = true;
        return false;
      }
    }
    output_->set_changed(message_->label.date);
    auto name = write_maildir_name(unique_, message_->label.flags, open_->letters, output_->size(), message_->size);
    waiting_.push_back({std::move(output_), unique_, std::move(name)});
    note_further_keywords(unique_, message_->label.flags);
    message_.reset();
    exact_ = false;
    return true;
  }

  void drop_message() override {
    output_.reset();
    open_->tmp.remove(unique_);
    message_.reset();
    exact_ = false;
  }

  void settle() override {
    if (waiting_.empty()) return;
    std::vector<Folder::Output*> files;
    for (const auto& file : waiting_) files.push_back(file.output.get());
    sync_all(files);
    for (const auto& file : waiting_) open_->tmp.rename(file.unique, open_->cur, file.name);
    waiting_.clear();
    open_->cur.sync();
  }

  void close_mailbox() override {
    settle();
    auto& open = *open_;
    if (!open.further_keywords.empty()) open.folder.replace(std::string(further_keywords_file), open.further_keywords);
    open.folder.sync();
    open_.reset();
  }

  void end() override { root_.sync(); }

private:
  struct Open {
    explicit Open(Folder its_folder)
        : folder(std::move(its_folder)),
          cur(folder.make_folder("cur")),
          tmp(folder.make_folder("tmp")),
          fresh(folder.make_folder("new")) {}
    Folder folder, cur, tmp, fresh;
    KeywordLetters letters;
    std::vector<std::string> present;  ///< names in cur/, ascending
    std::string further_keywords;      ///< for which there is no letter
  };
  struct Waiting {
    std::unique_ptr<Folder::Output> output;
    std::string unique;
    std::string name;
  };

  /// Letters that files here have already keep their meaning.
  void give_letters(const std::vector<std::string>& keywords) {
    auto& letters = open_->letters;
    const auto before = letters;
    for (const auto& keyword : keywords) {
      if (letters.size() < keyword_letters && !has_word(letters, keyword) && !text::equal_fold(keyword, "$Forwarded"))
        letters.push_back(keyword);
    }
    if (letters != before) open_->folder.replace(std::string(keywords_file), write_dovecot_keywords(letters));
  }

  void note_further_keywords(const std::string& unique, const FlagWords& flags) {
    for (const auto& word : flags) {
      if (word.starts_with('\\') || text::equal_fold(word, "$Forwarded") || has_word(open_->letters, word)) continue;
      open_->further_keywords += unique + ' ' + word + '\n';
    }
  }

  Folder root_;
  std::optional<Open> open_;
  std::optional<MessageToWrite> message_;
  std::string unique_;
  std::unique_ptr<Folder::Output> output_;
  LinesToLf lines_;
  std::string converted_;
  bool exact_ = false;  ///< the message's own line ends, because LF would not lead back to them
  std::vector<Waiting> waiting_;
};

}  // namespace

std::unique_ptr<Writer> make_maildir_writer(Folder folder) {
  return std::make_unique<MaildirWriter>(std::move(folder));
}

}  // namespace mailpod::transfer
