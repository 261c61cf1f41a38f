#include "message_intake.hpp"

#include <algorithm>

#include <mailpod/message/conversion.hpp>
#include <mailpod/net/error.hpp>

#include "eight_bit_header.hpp"
#include "status_for.hpp"
#include "url_octets.hpp"

namespace mailpod::imap {
namespace {

constexpr std::size_t piece_octets = 64 * 1024;

crypto::SpoolSettings spool_settings(const Settings& settings) {
  crypto::SpoolSettings spool;
  spool.limit = settings.message;
  return spool;
}

Answer too_big() {
  return no("[TOOBIG] The message is too big");
}

/// This is also how a client gives up. RFC 3502.
Answer empty() {
  return no("A message has at least one octet");
}

bool has_nul(const base::OctetSource& message) {
  std::string piece(piece_octets, '\0');
  for (std::uint64_t at = 0; at < message.size();) {
    const auto count = message.read_at(at, piece);
    if (count == 0) break;
    if (std::string_view(piece).substr(0, count).find('\0') != std::string_view::npos) return true;
    at += count;
  }
  return false;
}

/// Seals a message. One that holds NUL is sealed with those of its parts encoded: a client that knows nothing of BINARY
/// cannot be shown a NUL. RFC 3516 §4.4, §6.
Result<std::unique_ptr<store::PreparedMessage>> sealed(store::Vault& vault, const crypto::Spool& message,
                                                       const store::Vault::Append& about, bool binary) {
  if (!binary) return vault.prepare(message, about);
  const auto converted = message::converted_for(message::Transport::eight_bit, message);
  if (!converted || has_nul(*converted)) return std::unique_ptr<store::PreparedMessage>();
  return vault.prepare(*converted, about);
}

}  // namespace

MessageIntake::MessageIntake(Session& session, AppendGrammar grammar, store::Usage freed)
    : session_(session), grammar_(grammar), freed_(freed) {}

void MessageIntake::refuse(Answer why) {
  fail(std::move(why));
}

/// The first reason counts.
void MessageIntake::fail(Answer why) {
  if (!failure_) failure_ = std::move(why);
  spool_.reset();
}

awaitable<std::optional<Answer>> MessageIntake::read(text::Cursor in) {
  std::optional<Request> more;
  auto literal = session_.announced_message();
  for (;;) {
    const auto stretch = grammar_.read(in);
    if (stretch.has_error()) co_return bad(stretch.error());
    if (stretch->literal_follows && !literal) co_return bad("Expected a message as a literal");
    for (const auto& step : stretch->steps) {
      co_await take_step(step, literal);
      if (over_) co_return failure_;
    }
    if (!stretch->literal_follows) co_return failure_;
    more = co_await next_stretch();
    if (!more) co_return failure_;
    in = text::Cursor(more->text);
    literal = more->message;
  }
}

awaitable<void> MessageIntake::take_step(const AppendStep& step, const std::optional<AnnouncedMessage>& literal) {
  if (const auto* part = std::get_if<LiteralPart>(&step)) {
    co_await take_literal(*part, *literal);
  } else if (failure_) {
    co_return;
  } else if (const auto* about = std::get_if<MessageBegins>(&step)) {
    begin(*about);
  } else if (const auto* url = std::get_if<UrlPart>(&step)) {
    co_await take_url(*url);
  } else {
    co_await seal();
  }
}

void MessageIntake::begin(const MessageBegins& about) {
  about_.flags.system = about.flags.system;
  about_.flags.keywords = about.flags.keywords;
  about_.internal_date = about.internal_date.value_or(session_.ports().clock.now());
  spool_ = std::make_unique<crypto::Spool>(session_.ports().spool, spool_settings(session_.settings()));
  has_nul_ = false;
}

/// Why so many octets more are not worth reading.
std::optional<Answer> MessageIntake::refusal_of(std::uint64_t octets) const {
  const auto limit = session_.settings().message;
  if (octets > limit || spool_->size() > limit - octets) return too_big();
  auto& vault = session_.vault();
  const auto now = store::usage_of(*vault.state()) + taken_ + store::Usage{spool_->size() + octets, 1} - freed_;
  if (!vault.quota().fits(now)) return session_.answer_for(store::Errc::over_quota);
  return std::nullopt;
}

awaitable<void> MessageIntake::take_literal(LiteralPart part, const AnnouncedMessage& literal) {
  if (!failure_ && part.is_whole && literal.octets == 0) fail(empty());
  if (!failure_) {
    if (auto refusal = refusal_of(literal.octets)) fail(std::move(*refusal));
  }
  if (literal.synchronizing && failure_) {
    over_ = true;  // its octets were not sent
    co_return;
  }
  if (literal.synchronizing) {
    session_.out().line("+ Ready for the message");
    co_await session_.out().flush();
  }
  // Without asking, a client may send far more than it may store. A little of that is read, to answer in peace.
  const auto most = 4 * session_.settings().message;
  if (failure_) dropped_ += literal.octets;
  if (literal.octets > most || dropped_ > most) {
    session_.say_bye("The message is too big");
    fail(too_big());
    over_ = true;
    co_return;
  }
  co_await take_octets(part.octets, literal.octets);
}

awaitable<void> MessageIntake::take_octets(LiteralPart::Octets kind, std::uint64_t octets) {
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(octets, piece_octets)), '\0');
  while (octets > 0) {
    const std::span<char> room(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(octets, buffer.size())));
    const auto count = co_await session_.requests().lines().read_some(room);
    if (count == 0) throw std::system_error(make_error_code(net::Errc::peer_closed));
    octets -= count;
    if (failure_) continue;
    const std::string_view piece(buffer.data(), count);
    if (piece.find('\0') != std::string_view::npos) {
      has_nul_ = true;
      if (kind == LiteralPart::Octets::text) {
        fail(bad("NUL is not allowed in a message, but in a literal8"));  // RFC 3501 §4.3: CHAR8
        continue;
      }
    }
    const auto kept = co_await keep(piece);
    if (kept.has_error()) fail(session_.answer_for(kept.error()));
  }
}

/// On the pool once the spool may touch the disk.
awaitable<Status> MessageIntake::keep(std::string_view octets) {
  auto& spool = *spool_;
  const auto append = [&spool, &octets] { return spool.append(octets); };
  co_return co_await session_.on_pool(append);
}

/// The octets that a URL names, copied in slices. RFC 4469 §3; \Seen stays as it is.
awaitable<void> MessageIntake::take_url(const UrlPart& part) {
  const auto bad_url = [&](std::string_view why) {
    return no("[BADURL \"" + written_in_code(part.url) + "\"] " + std::string(why));
  };
  const auto state = session_.vault().state();
  const auto selected = session_.has_selected() ? session_.selected().view.mailbox().name : std::string();
  SectionLimits limits;
  limits.header_fields = session_.settings().header_fields;
  const auto url = parse_message_url(part.url, selected, limits);
  if (url.has_error()) {
    fail(bad_url("Expected " + std::string(url.error().expected)));
    co_return;
  }
  auto& vault = session_.vault();
  const auto open = [&] { return open_url(vault, *state, *url, selected); };
  auto opened = co_await session_.on_pool(open);
  if (opened.has_error()) {
    fail(store::ends_session(opened.error()) ? session_.answer_for(opened.error()) : bad_url("It names nothing here"));
    co_return;
  }
  copied_ += opened->size();
  const auto refusal = copied_ > 4 * session_.settings().message ? too_big() : refusal_of(opened->size());
  if (refusal) {
    fail(*refusal);
    co_return;
  }
  auto& spool = *spool_;
  bool more = true;
  const auto copy = [&]() -> Status {
    const auto octets = opened->next(4 * piece_octets);
    more = !octets.empty();
    return spool.append(octets);
  };
  while (more) {
    const auto copied = co_await session_.on_pool(copy);
    if (copied.has_error()) {
      fail(session_.answer_for(copied.error()));
      co_return;
    }
  }
  has_nul_ = has_nul_ || opened->has_nul();
}

/// The message is complete.
awaitable<void> MessageIntake::seal() {
  if (spool_->size() == 0) {
    fail(empty());
    co_return;
  }
  // RFC 6855 §4, RFC 9755 §4: who knows nothing of UTF-8 in headers cannot mean it.
  if (!session_.dialect().utf8()) {
    bool eight_bit = false;
    const auto look = [&]() -> Status {
      eight_bit = has_eight_bit_header(*spool_);
      return {};
    };
    const auto looked = co_await session_.on_pool(look);
    if (looked.has_error() || eight_bit) {
      fail(looked.has_error() ? session_.answer_for(looked.error())
                              : no("[CANNOT] A header beyond ASCII takes ENABLE UTF8=ACCEPT or IMAP4rev2"));
      co_return;
    }
  }
  auto& vault = session_.vault();
  const auto prepare = [&] { return sealed(vault, *spool_, about_, has_nul_); };
  auto prepared = co_await session_.on_pool(prepare);
  if (prepared.has_error()) {
    fail(session_.answer_for(prepared.error()));
    co_return;
  }
  if (!*prepared) {
    fail(no("[UNKNOWN-CTE] NUL stands where no transfer encoding can hold it"));
    co_return;
  }
  taken_ += {spool_->size(), 1};
  messages_.push_back(std::move(*prepared));
  spool_.reset();
}

/// What follows a literal: nothing if that cannot be understood, and failure_ says why.
awaitable<std::optional<Request>> MessageIntake::next_stretch() {
  const RequestReader::AwaitsMessage awaits = [this](std::string_view text) {
    return grammar_.awaits_literal(text::Cursor(text));
  };
  const auto limits = session_.request_limits();
  auto received = co_await session_.requests().next(limits, awaits);
  if (std::holds_alternative<Gone>(received)) {
    session_.leave();
    fail(bad("Expected the end of the command after the message"));
    co_return std::nullopt;
  }
  if (const auto* refusal = std::get_if<Refusal>(&received)) {
    if (refusal->then == Refusal::Then::close) session_.say_bye("What follows cannot be told apart from commands");
    failure_ = bad(refusal->reason);
    co_return std::nullopt;
  }
  co_return std::move(std::get<Request>(received));
}

}  // namespace mailpod::imap
