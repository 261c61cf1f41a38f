#include <algorithm>
#include <array>
#include <limits>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

#include "../acceptance.hpp"
#include "../commands.hpp"

namespace mailpod::smtp {

namespace {

constexpr std::size_t block = 16 * 1024;
// Who sends a message in chunks of fewer octets has other things in mind than the message.
constexpr std::uint64_t smallest_chunk = 64;

/// RFC 3030 §2: `BDAT SP chunk-size [SP "LAST"]`.
struct Chunk {
  std::uint64_t octets = 0;
  bool last = false;
};

std::optional<Chunk> parse_chunk(std::string_view arguments) {
  constexpr std::size_t most_digits = 20;
  text::Cursor in(arguments);
  const std::string_view digits = in.take_while(text::octets::digit);
  if (digits.empty() || digits.size() > most_digits) return std::nullopt;
  Chunk chunk;
  // More than 64 bits hold is too big for anyone.
  const auto octets = text::Cursor(digits).number();
  chunk.octets = octets ? *octets : std::numeric_limits<std::uint64_t>::max();
  if (in.take_space()) {
    chunk.last = in.take("LAST");
    if (!chunk.last) return std::nullopt;
  }
  return in.at_end() ? std::optional(chunk) : std::nullopt;
}

using Octets = std::array<char, block>;

/// The next octets of a chunk, at least one of at most `left`.
awaitable<std::string_view> read_block(Session& session, Octets& into, std::uint64_t left) {
  const net::Wake wake = co_await session.lines.wait_input(session.settings.timeout);
  if (wake == net::Wake::timeout) throw std::system_error(std::make_error_code(std::errc::timed_out));
  const std::span<char> room(into.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size())));
  const std::size_t count = co_await session.lines.read_some(room);
  if (count == 0) throw std::system_error(net::make_error_code(net::Errc::peer_closed));
  co_return std::string_view(into.data(), count);
}

Reply too_big_to_read() {
  return {552, "5.3.4", "message too big", Next::close};
}

/// The octets of a chunk that is refused come all the same: they are read, and thrown away, but not for ever.
awaitable<Reply> refuse(Session& session, Chunk chunk, Reply refusal) {
  const std::uint64_t most = 2 * session.settings.message_size;
  std::uint64_t& read = session.patience.refused_octets;
  if (chunk.octets > most || read + chunk.octets > most) co_return too_big_to_read();
  read += chunk.octets;
  Octets octets;
  Pace pace(session.services.clock, session.settings);
  while (chunk.octets > 0) {
    const std::string_view some = co_await read_block(session, octets, chunk.octets);
    pace.count(some.size());
    chunk.octets -= some.size();
  }
  co_return refusal;
}

/// One chunk into the letter; what speaks against it.
awaitable<Status> take(Session& session, ChunkedMessage& message, Chunk chunk) {
  Status status;
  Octets octets;
  std::string out;
  while (chunk.octets > 0 || chunk.last) {
    out.clear();
    if (chunk.octets > 0) {
      const std::string_view some = co_await read_block(session, octets, chunk.octets);
      message.pace.count(some.size());
      message.octets += some.size();
      chunk.octets -= some.size();
      message.reader.take(some, out);
    } else {
      message.reader.finish(out);
      chunk.last = false;
    }
    if (message.octets > session.settings.message_size && status) status = Errc::too_big;
    if (!status || out.empty()) continue;
    auto writing = message.letter->write(out);
    status = co_await answer_of(std::move(writing));
  }
  co_return status;
}

std::optional<Reply> may_not_begin(const Session& session, std::string_view arguments) {
  using N = Command;
  if (auto reply = missing(N::greeting | N::login | N::transaction, session, arguments)) return reply;
  return no_recipients(session, *session.transaction);
}

/// A message in chunks that is refused is over, with all that was sent ahead of the refusal. RFC 3030 §2.
Reply end_refused(Session& session, Reply reply) {
  session.transaction.reset();
  session.chunks_refused = true;
  if (reply.refuses_for_good()) ++session.patience.errors;
  return reply;
}

awaitable<Reply> take_chunk(Session& session, Chunk chunk) {
  Transaction& transaction = *session.transaction;
  ChunkedMessage& message = *transaction.chunks;
  const std::uint64_t most = 2 * session.settings.message_size;
  if (chunk.octets > most || message.octets + chunk.octets > most) co_return too_big_to_read();
  if (!chunk.last && chunk.octets < smallest_chunk) ++session.patience.idle_commands;

  auto taking = take(session, message, chunk);
  const Status taken = co_await std::move(taking);
  if (message.reader.fault() != ChunkReader::Fault::none) {
    session.services.log.info("smtp.malformed_data peer={}", session.peer.address);
    co_return refusal_for(message.reader.fault());
  }
  if (!chunk.last) {
    if (!taken) co_return end_refused(session, status_for(taken.error()));
    co_return Reply(250, "2.0.0", std::to_string(chunk.octets) + " octets taken");
  }
  const Transaction ended = *std::exchange(session.transaction, std::nullopt);
  auto accepting = accept_letter(session, *ended.chunks->letter, taken, ended.recipients.size());
  Reply reply = co_await std::move(accepting);
  co_return reply;
}

}  // namespace

// RFC 3030 §2
awaitable<Reply> run_bdat(Session& session, std::string_view arguments) {
  const auto chunk = parse_chunk(arguments);
  // How many octets follow is not known, so neither is where the next command begins.
  if (!chunk) co_return Reply(501, "5.5.4", "BDAT takes a number of octets and perhaps LAST", Next::close);

  if (auto refusal = may_not_begin(session, arguments)) {
    if (!session.chunks_refused) ++session.patience.errors;
    auto refusing = refuse(session, *chunk, std::move(*refusal));
    Reply reply = co_await std::move(refusing);
    co_return reply;
  }
  Transaction& transaction = *session.transaction;
  if (!transaction.chunks) {
    auto beginning = begin_letter(session, transaction);
    auto letter = co_await std::move(beginning);
    if (!letter) {
      auto refusing = refuse(session, *chunk, end_refused(session, refusal_for(session, transaction, letter.error())));
      Reply reply = co_await std::move(refusing);
      co_return reply;
    }
    transaction.chunks = std::make_unique<ChunkedMessage>(
        ChunkedMessage{std::move(*letter), {}, Pace(session.services.clock, session.settings)});
  }
  auto taking = take_chunk(session, *chunk);
  Reply reply = co_await std::move(taking);
  co_return reply;
}

}  // namespace mailpod::smtp
