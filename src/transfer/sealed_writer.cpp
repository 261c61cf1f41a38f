#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include <fmt/format.h>

#include <mailpod/transfer/writer.hpp>

namespace mailpod::transfer {
namespace {

constexpr const char* manifest_name = "manifest.age";

/// An age file that is being written.
struct Sealed {
  Sealed(std::unique_ptr<Folder::Output> file, base::Entropy& entropy, const crypto::AgeRecipient& recipient)
      : output(std::move(file)),
        writer(entropy, std::span(&recipient, 1), [this](std::string_view octets) { output->write(octets); }) {}

  std::unique_ptr<Folder::Output> output;
  crypto::AgeWriter writer;
};

class SealedWriter final : public Writer {
public:
  SealedWriter(Folder folder, base::Entropy& entropy, crypto::AgeRecipient recipient)
      : root_(std::move(folder)), entropy_(entropy), recipient_(recipient) {}

  void begin(const std::vector<MailboxToWrite>&) override {
    manifest_ = seal(root_.write(std::string(manifest_name) + ".part", Folder::Begin::fresh));
    manifest_->writer.write("mailpod manifest 1\n");
  }

  bool open_mailbox(const MailboxToWrite& mailbox) override {
    mailbox_ = mailbox;
    manifest_->writer.write(fmt::format("mailbox\t{}\t{}\t{}\t{}\n", mailbox.uid_validity,
                                        mailbox.use.empty() ? "-" : mailbox.use,
                                        mailbox.subscribed ? "subscribed" : "-", mailbox.name));
    folder_.emplace(root_.make_folder(std::to_string(mailbox.uid_validity)));
    present_.clear();
    for (const auto& entry : folder_->list()) {
      std::uint32_t uid = 0;
      const auto* const end = entry.name.data() + entry.name.size();
      if (std::string_view(std::from_chars(entry.name.data(), end, uid).ptr, end) == ".age") present_.push_back(uid);
      if (entry.name.ends_with(".part")) folder_->remove(entry.name);
    }
    std::ranges::sort(present_);
    return true;
  }

  bool has(const MessageToWrite& message) override {
    if (!std::ranges::binary_search(present_, message.number.uid)) return false;
    list(message);
    return true;
  }

  void begin_message(const MessageToWrite& message) override {
    message_ = message;
    sealed_ = seal(folder_->write(name() + ".part", Folder::Begin::fresh));
  }

  void write(std::string_view octets) override { sealed_->writer.write(octets); }

  bool end_message() override {
    sealed_->writer.finish();
    sealed_->output->set_changed(message_.label.date);
    list(message_);
    waiting_.emplace_back(name(), std::move(sealed_));
    return true;
  }

  void drop_message() override {
    sealed_.reset();
    folder_->remove(name() + ".part");
  }

  void settle() override {
    if (waiting_.empty()) return;
    std::vector<Folder::Output*> files;
    for (const auto& [name, file] : waiting_) files.push_back(file->output.get());
    sync_all(files);
    for (const auto& [name, file] : waiting_) folder_->rename(name + ".part", *folder_, name);
    waiting_.clear();
    folder_->sync();
  }

  void close_mailbox() override {
    settle();
    folder_.reset();
  }

  void end() override {
    manifest_->writer.finish();
    manifest_->output->sync();
    root_.rename(std::string(manifest_name) + ".part", root_, manifest_name);
    root_.sync();
  }

private:
  std::string name() const { return std::to_string(message_.number.uid) + ".age"; }
  std::unique_ptr<Sealed> seal(std::unique_ptr<Folder::Output> file) {
    return std::make_unique<Sealed>(std::move(file), entropy_, recipient_);
  }
  /// What the file's name does not say.
  void list(const MessageToWrite& message) {
    manifest_->writer.write(fmt::format("message\t{}/{}.age\t{}\t{}\t{}\n", message.number.uid_validity,
                                        message.number.uid, base::to_seconds(message.label.date), message.size,
                                        fmt::join(message.label.flags, " ")));
  }

  Folder root_;
  base::Entropy& entropy_;
  crypto::AgeRecipient recipient_;
  std::unique_ptr<Sealed> manifest_;
  MailboxToWrite mailbox_;
  std::optional<Folder> folder_;
  std::vector<std::uint32_t> present_;  ///< UIDs, ascending
  MessageToWrite message_;
  std::unique_ptr<Sealed> sealed_;
  std::vector<std::pair<std::string, std::unique_ptr<Sealed>>> waiting_;
};

}  // namespace

std::unique_ptr<Writer> make_sealed_writer(Folder folder, base::Entropy& entropy, crypto::AgeRecipient recipient) {
  return std::make_unique<SealedWriter>(std::move(folder), entropy, recipient);
}

}  // namespace mailpod::transfer
