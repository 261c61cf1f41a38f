#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/crypto/spool.hpp>

#include "append_grammar.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// Takes in the messages of one APPEND or REPLACE: each is read as it comes, put together, and sealed before the next
/// is asked for. In memory is one message while it is small; a larger one is sealed on disk. Loop.
class MessageIntake {
public:
  /// `freed` is what the command gives back to the quota.
  MessageIntake(Session& session, AppendGrammar grammar, store::Usage freed = {});

  /// Nothing of what comes is wanted: it is read as far as the client has sent it already.
  void refuse(Answer why);
  /// From where the command's first stretch begins, to the command's end. The answer is why it fails; then the command
  /// was read nevertheless, or the conversation ends.
  awaitable<std::optional<Answer>> read(text::Cursor in);

  /// In the order in which they came; complete after read().
  std::vector<std::unique_ptr<store::PreparedMessage>> take_messages() { return std::move(messages_); }

private:
  awaitable<void> take_step(const AppendStep& step, const std::optional<AnnouncedMessage>& literal);
  void begin(const MessageBegins& about);
  awaitable<void> take_literal(LiteralPart part, const AnnouncedMessage& literal);
  awaitable<void> take_octets(LiteralPart::Octets kind, std::uint64_t octets);
  awaitable<void> take_url(const UrlPart& part);
  awaitable<void> seal();
  awaitable<Status> keep(std::string_view octets);
  std::optional<Answer> refusal_of(std::uint64_t octets) const;
  awaitable<std::optional<Request>> next_stretch();
  void fail(Answer why);

  Session& session_;
  AppendGrammar grammar_;
  const store::Usage freed_;
  std::optional<Answer> failure_;
  bool over_ = false;  ///< what follows, if anything, is another command
  store::Vault::Append about_;
  std::unique_ptr<crypto::Spool> spool_;  ///< of the present message
  bool has_nul_ = false;
  store::Usage taken_;
  std::uint64_t copied_ = 0;   ///< octets that URLs brought
  std::uint64_t dropped_ = 0;  ///< octets read although the command had failed
  std::vector<std::unique_ptr<store::PreparedMessage>> messages_;
};

}  // namespace mailpod::imap
