#include <charconv>
#include <optional>

#include <fmt/format.h>

#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/mailbox_names.hpp>
#include <mailpod/transfer/mbox.hpp>
#include <mailpod/transfer/writer.hpp>

namespace mailpod::transfer {
namespace {

constexpr std::size_t longest_suffix = std::string_view(".mbox.progress.part").size();

std::string place_of(const MailboxToWrite& mailbox) {
  auto name = write_folder_name(mailbox.name);
  if (name.size() + longest_suffix > file_name_limit) name = "mailpod-" + std::to_string(mailbox.uid_validity);
  return name + ".mbox";
}

/// How far an unfinished file is whole: `UIDVALIDITY UID OCTETS`.
struct Progress {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
  std::uint64_t octets = 0;
};

std::optional<Progress> parse_progress(std::string_view text) {
  Progress progress;
  const auto take = [&text](auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool good = error == std::errc() && !text.empty();
    if (good) text.remove_prefix(1);
    return good;
  };
  if (take(progress.uid_validity) && take(progress.uid) && take(progress.octets)) return progress;
  return std::nullopt;
}

class MboxWriter final : public Writer {
public:
  explicit MboxWriter(Folder folder) : folder_(std::move(folder)) {}

  void begin(const std::vector<MailboxToWrite>& mailboxes) override {
    std::vector<ExportedMailbox> list;
    for (const auto& mailbox : mailboxes)
      list.push_back({place_of(mailbox), mailbox.use, mailbox.subscribed, mailbox.name});
    folder_.replace(std::string(export_list_name), write_export_list(list));
  }

  bool open_mailbox(const MailboxToWrite& mailbox) override {
    place_ = place_of(mailbox);
    if (folder_.read(place_)) return false;
    const auto known = parse_progress(folder_.read_whole(place_ + ".progress", 1024).value_or(""));
    progress_ = {mailbox.uid_validity, 0, 0};
    if (known && known->uid_validity == mailbox.uid_validity) {
      output_ = folder_.write(place_ + ".part", Folder::Begin::further);
      if (output_->size() >= known->octets) progress_ = *known;
      output_->cut(progress_.octets);
    } else {
      output_ = folder_.write(place_ + ".part", Folder::Begin::fresh);
    }
    settled_ = progress_;
    return true;
  }

  bool has(const MessageToWrite& message) override { return message.number.uid <= progress_.uid; }

  void begin_message(const MessageToWrite& message) override {
    lines_ = {};
    uid_ = message.number.uid;
    output_->write(write_from_line(message.label.date) + write_status_fields(message.label.flags));
  }

  void write(std::string_view octets) override {
    converted_.clear();
    lines_.convert(octets, converted_);
    output_->write(converted_);
  }

  bool end_message() override {
    converted_.clear();
    lines_.finish(converted_);
    output_->write(converted_);
    progress_.uid = uid_;
    progress_.octets = output_->size();
    return true;
  }

  void drop_message() override { output_->cut(progress_.octets); }

  void settle() override {
    if (progress_.octets == settled_.octets) return;
    output_->sync();
    folder_.replace(place_ + ".progress",
                    fmt::format("{} {} {}\n", progress_.uid_validity, progress_.uid, progress_.octets));
    settled_ = progress_;
  }

  void close_mailbox() override {
    output_->sync();
    output_.reset();
    folder_.rename(place_ + ".part", folder_, place_);
    folder_.sync();
    folder_.remove(place_ + ".progress");
  }

  void end() override { folder_.sync(); }

private:
  Folder folder_;
  std::string place_;
  std::unique_ptr<Folder::Output> output_;
  Progress progress_;
  Progress settled_;
  MboxLines lines_;
  std::string converted_;
  std::uint32_t uid_ = 0;
};

}  // namespace

std::unique_ptr<Writer> make_mbox_writer(Folder folder) {
  return std::make_unique<MboxWriter>(std::move(folder));
}

}  // namespace mailpod::transfer
