#include <mailpod/net/lines.hpp>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "on_loop.hpp"
#include "simulation/stream.hpp"

namespace mailpod::net {
namespace {

using Kind = Line::Kind;

struct Read {
  Kind kind;
  std::string text;
  friend bool operator==(const Read&, const Read&) = default;
};

std::ostream& operator<<(std::ostream& out, const Read& read) {
  return out << '{' << static_cast<int>(read.kind) << ", \"" << read.text << "\"}";
}

/// What read_line finds in `octets` that arrive in the given pieces, up to and including `closed`.
std::vector<Read> lines_of(const std::vector<std::string_view>& pieces, std::size_t limit, std::uint64_t seed = 0) {
  std::vector<Read> found;
  boost::asio::io_context loop;
  simulation::Wire wire;
  wire.seed = seed;
  auto duplex = simulation::make_duplex(loop.get_executor(), wire);
  run_on(loop, [&]() -> awaitable<void> {
    start(duplex.client->executor(), [&]() -> awaitable<void> {
      for (const auto piece : pieces) {
        co_await duplex.client->write(piece);
        // The reader takes this piece before the next one comes.
        co_await boost::asio::post(boost::asio::use_awaitable);
      }
      duplex.client->abort();
    });
    LineReader reader(*duplex.server);
    while (true) {
      Line line = co_await reader.read_line(limit);
      found.push_back({line.kind, std::move(line.text)});
      if (found.back().kind == Kind::closed) co_return;
    }
  });
  return found;
}

TEST(LineReader, ReadsLinesWithoutTheirEnds) {
  EXPECT_EQ(lines_of({"EHLO x\r\n\r\nQUIT\r\n"}, 100),
            (std::vector<Read>{
                {Kind::complete, "EHLO x"}, {Kind::complete, ""}, {Kind::complete, "QUIT"}, {Kind::closed, ""}}));
}

TEST(LineReader, ReportsEveryBareLineEndForWhatItIs) {
  EXPECT_EQ(lines_of({"a\nb\r\n"}, 100),
            (std::vector<Read>{{Kind::bare_lf, "a"}, {Kind::complete, "b"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"a\rb\r\nc\r\n"}, 100),
            (std::vector<Read>{{Kind::bare_cr, "a\rb"}, {Kind::complete, "c"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"a\r\r\n"}, 100), (std::vector<Read>{{Kind::bare_cr, "a\r"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"\n"}, 100), (std::vector<Read>{{Kind::bare_lf, ""}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"a\rb\n"}, 100), (std::vector<Read>{{Kind::bare_cr, "a\rb"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"a\n\r\n"}, 100),
            (std::vector<Read>{{Kind::bare_lf, "a"}, {Kind::complete, ""}, {Kind::closed, ""}}));
}

TEST(LineReader, TakesALineOfExactlyTheLimit) {
  EXPECT_EQ(lines_of({"12345\r\n"}, 5), (std::vector<Read>{{Kind::complete, "12345"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"123456\r\nx\r\n"}, 5),
            (std::vector<Read>{{Kind::too_long, "12345"}, {Kind::complete, "x"}, {Kind::closed, ""}}));
  EXPECT_EQ(lines_of({"\r\n"}, 0), (std::vector<Read>{{Kind::complete, ""}, {Kind::closed, ""}}));
}

TEST(LineReader, ConsumesALongLineToItsEndAndKeepsItsBeginning) {
  const std::string long_line(1'000'000, 'x');
  const auto found = lines_of({long_line, "\r\nnext\r\n"}, 10);
  EXPECT_EQ(found, (std::vector<Read>{{Kind::too_long, "xxxxxxxxxx"}, {Kind::complete, "next"}, {Kind::closed, ""}}));
}

TEST(LineReader, ReturnsWhatAClosedConnectionLeft) {
  EXPECT_EQ(lines_of({"DONE\r\nLOG"}, 100), (std::vector<Read>{{Kind::complete, "DONE"}, {Kind::closed, "LOG"}}));
  EXPECT_EQ(lines_of({"123456789"}, 5), (std::vector<Read>{{Kind::closed, "12345"}}));
}

TEST(LineReader, FindsTheSameLinesWhereverThePiecesEnd) {
  const std::string octets = "ab\r\n\r\rc\r\n\nlonger than ten\r\nd\re\nf\r\r\n1234567890\r\n12345678901\r\nend\r";
  const auto expected = lines_of({octets}, 10);
  ASSERT_EQ(expected.size(), 9U);
  const std::string_view view = octets;
  for (std::size_t first = 0; first <= view.size(); ++first) {
    for (std::size_t second = first; second <= view.size(); ++second) {
      EXPECT_EQ(lines_of({view.substr(0, first), view.substr(first, second - first), view.substr(second)}, 10),
                expected)
          << first << ' ' << second;
    }
  }
  for (std::uint64_t seed = 1; seed <= 200; ++seed) EXPECT_EQ(lines_of({octets}, 10, seed), expected) << seed;
}

/// A reader on one end and the octets of the other already written.
class Conversation {
public:
  explicit Conversation(std::string_view octets) {
    run_on(loop, [&]() -> awaitable<void> { co_await duplex.client->write(octets); });
  }
  boost::asio::io_context loop;
  simulation::Duplex duplex = simulation::make_duplex(loop.get_executor());
  LineReader reader{*duplex.server};
};

TEST(LineReader, StopsAtALineThatIsTooLongWhereNobodyWantsItsEnd) {
  Conversation with("12345\r\n123456");
  run_on(with.loop, [&]() -> awaitable<void> {
    Line line = co_await with.reader.read_line(5, Overlong::stop);
    EXPECT_EQ(line.kind, Kind::complete);
    line = co_await with.reader.read_line(5, Overlong::stop);
    EXPECT_EQ(line.kind, Kind::too_long);
    EXPECT_EQ(line.text, "12345");
  });
}

TEST(LineReader, ShowsWhatArrivedBeforeStartTls) {
  Conversation with("STARTTLS\r\nRSET\r\n");
  run_on(with.loop, [&]() -> awaitable<void> {
    const Line line = co_await with.reader.read_line(100);
    EXPECT_EQ(line.text, "STARTTLS");
  });
  EXPECT_EQ(with.reader.buffered(), "RSET\r\n");
  with.reader.discard();
  EXPECT_EQ(with.reader.buffered(), "");
}

TEST(LineReader, ReadsLiteralsBetweenLines) {
  const std::string literal(40'000, 'l');
  Conversation with("a {40000}\r\n" + literal + ")\r\n");
  std::string received;
  std::size_t largest = 0;
  run_on(with.loop, [&]() -> awaitable<void> {
    Line line = co_await with.reader.read_line(100);
    const std::function<void(std::string_view)> sink = [&](std::string_view chunk) {
      received += chunk;
      largest = std::max(largest, chunk.size());
    };
    co_await with.reader.read_exactly(literal.size(), sink);
    line = co_await with.reader.read_line(100);
    EXPECT_EQ(line.text, ")");
  });
  EXPECT_EQ(received, literal);
  EXPECT_LE(largest, 16U * 1024U);
}

TEST(LineReader, ThrowsWhenTheConnectionEndsInsideALiteral) {
  Conversation with("abc");
  with.duplex.client->abort();
  std::error_code code;
  run_on(with.loop, [&]() -> awaitable<void> {
    const std::function<void(std::string_view)> sink = [](std::string_view) {};
    try {
      co_await with.reader.read_exactly(4, sink);
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  EXPECT_EQ(code, Errc::peer_closed);
}

TEST(LineReader, LetsBufferedOctetsCountAsInput) {
  Conversation with("one\r\ntwo\r\n");
  run_on(with.loop, [&]() -> awaitable<void> {
    co_await with.reader.read_line(100);
    const Wake wake = co_await with.reader.wait_input(std::chrono::hours(1));
    EXPECT_EQ(wake, Wake::input);
  });
}

TEST(LineReader, ReadsAgainWhatWasPutBack) {
  Conversation with("body\r\n.\r\nQUIT\r\n");
  run_on(with.loop, [&]() -> awaitable<void> {
    std::array<char, 64> room;
    const std::size_t count = co_await with.reader.read_some(room);
    const std::string_view read(room.data(), count);
    with.reader.put_back(read.substr(read.find("QUIT")));
    const Line line = co_await with.reader.read_line(100);
    EXPECT_EQ(line.text, "QUIT");
    EXPECT_EQ(line.kind, Kind::complete);
  });
}

TEST(LineReader, GivesAWholeLineOneDeadlineHoweverManyOctetsTrickleIn) {
  boost::asio::io_context loop;
  auto duplex = simulation::make_duplex(loop.get_executor());
  duplex.server->set_timeout(std::chrono::milliseconds(50));
  std::error_code code;
  std::size_t trickled = 0;
  run_on(loop, [&]() -> awaitable<void> {
    start(loop.get_executor(), [&]() -> awaitable<void> {
      while (true) {
        co_await duplex.client->write("x");
        ++trickled;
        co_await duplex.client->wait_input(std::chrono::milliseconds(5));
      }
    });
    LineReader reader(*duplex.server);
    try {
      co_await reader.read_line(1'000'000);
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  EXPECT_EQ(code, std::errc::timed_out);
  EXPECT_GT(trickled, 1U);
  EXPECT_EQ(duplex.server->timeout(), std::chrono::milliseconds(50));
}

/// A peer that always has more octets, so that no read ever waits.
class Flood final : public Stream {
public:
  explicit Flood(Stream& rest) : rest_(rest) {}
  awaitable<std::size_t> read_some(std::span<char> into) override {
    std::ranges::fill(into, 'x');
    read += into.size();
    if (read > most) throw std::runtime_error("read on and on");
    co_return into.size();
  }
  awaitable<void> write(std::string_view octets) override { return rest_.write(octets); }
  void set_timeout(std::chrono::milliseconds limit) override { rest_.set_timeout(limit); }
  std::chrono::milliseconds timeout() const override { return rest_.timeout(); }
  awaitable<Wake> wait_input(std::chrono::milliseconds) override { co_return Wake::input; }
  void ring() override { rest_.ring(); }
  awaitable<void> start_tls() override { return rest_.start_tls(); }
  awaitable<void> start_client_tls(TlsPeer peer) override { return rest_.start_client_tls(std::move(peer)); }
  bool offers_tls() const override { return rest_.offers_tls(); }
  bool secure() const override { return rest_.secure(); }
  TlsInformation tls() const override { return rest_.tls(); }
  std::string channel_binding(Binding kind) const override { return rest_.channel_binding(kind); }
  Endpoint peer() const override { return rest_.peer(); }
  std::uint16_t local_port() const override { return rest_.local_port(); }
  awaitable<void> close() override { return rest_.close(); }
  void abort() override { rest_.abort(); }
  void end_input() override { rest_.end_input(); }
  boost::asio::any_io_executor executor() override { return rest_.executor(); }

  static constexpr std::uint64_t most = std::uint64_t{1} << 36;
  std::uint64_t read = 0;

private:
  Stream& rest_;
};

TEST(LineReader, EndsALineAtItsDeadlineThoughItsOctetsNeverCease) {
  boost::asio::io_context loop;
  auto duplex = simulation::make_duplex(loop.get_executor());
  duplex.server->set_timeout(std::chrono::milliseconds(20));
  Flood flood(*duplex.server);
  std::error_code code;
  run_on(loop, [&]() -> awaitable<void> {
    LineReader reader(flood);
    try {
      co_await reader.read_line(100);
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  EXPECT_EQ(code, std::errc::timed_out);
}

}  // namespace
}  // namespace mailpod::net
