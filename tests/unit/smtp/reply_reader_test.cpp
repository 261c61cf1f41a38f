#include "reply_reader.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "../net/on_loop.hpp"
#include "extensions.hpp"
#include "simulation/stream.hpp"

namespace mailpod::smtp {
namespace {

/// What a server's octets are read as; it closes behind them.
ServerReply read(std::string octets, const ClientSettings& settings = {}) {
  boost::asio::io_context loop;
  ServerReply reply;
  net::run_on(loop, [&]() -> boost::asio::awaitable<void> {
    auto duplex = simulation::make_duplex(loop.get_executor());
    co_await duplex.server->write(octets);
    co_await duplex.server->close();
    net::LineReader lines(*duplex.client);
    reply = co_await read_reply(*duplex.client, lines, settings, std::chrono::seconds(5));
  });
  return reply;
}

Answer answer(std::string octets) {
  return read(std::move(octets)).answer;
}

std::error_code failure_of(std::string octets, const ClientSettings& settings = {}) {
  try {
    read(std::move(octets), settings);
  } catch (const std::system_error& failure) {
    return failure.code();
  }
  return {};
}

TEST(ReplyReader, ReadsOneLine) {
  EXPECT_EQ(answer("550 5.1.1 no such mailbox\r\n"), (Answer{550, "5.1.1", "no such mailbox"}));
  EXPECT_EQ(answer("250 OK\r\n"), (Answer{250, "", "OK"}));
}

TEST(ReplyReader, ReadsACodeWithoutText) {
  EXPECT_EQ(answer("250\r\n"), (Answer{250, "", ""}));
  EXPECT_EQ(answer("250 \r\n"), (Answer{250, "", ""}));
}

TEST(ReplyReader, JoinsTheLinesAndSaysTheEnhancedCodeOnce) {
  const ServerReply reply = read("550-5.7.1 not\r\n550-5.7.1 from\r\n550 5.7.1 you\r\n");
  EXPECT_EQ(reply.answer, (Answer{550, "5.7.1", "not from you"}));
  EXPECT_EQ(reply.lines, (std::vector<std::string>{"5.7.1 not", "5.7.1 from", "5.7.1 you"}));
  EXPECT_EQ(reply.answer.str(), "550 5.7.1 not from you");
}

TEST(ReplyReader, BelievesAnEnhancedCodeOnlyWhereItsClassAgrees) {
  EXPECT_EQ(answer("550 4.1.1 later\r\n"), (Answer{550, "", "4.1.1 later"}));
  EXPECT_EQ(answer("450 5.1.1 never\r\n"), (Answer{450, "", "5.1.1 never"}));
  EXPECT_EQ(answer("354 3.0.0 go\r\n"), (Answer{354, "", "3.0.0 go"}));
}

TEST(ReplyReader, TakesForAnEnhancedCodeOnlyWhatIsOne) {
  EXPECT_EQ(answer("550 5.123.999 x\r\n").enhanced, "5.123.999");
  EXPECT_EQ(answer("550 5.1.1\r\n"), (Answer{550, "5.1.1", ""}));
  for (const char* const text : {"5.1 x", "5.1.1. x", "5.1.1234 x", "5.1234.1 x", "5..1 x", "5.1.1x", "51.1 x"}) {
    EXPECT_EQ(answer(std::string("550 ") + text + "\r\n"), (Answer{550, "", text}));
  }
}

TEST(ReplyReader, MakesPrintableAsciiOfWhateverComes) {
  EXPECT_EQ(answer("550 a\tb\x01\x1b[2J\x7f\xc3\xa9\r\n").text, "a b??[2J???");
  EXPECT_EQ(answer(std::string("550 a\0b\r\n", 9)).text, "a?b");
}

TEST(ReplyReader, KeepsAThousandOctetsOfText) {
  std::string reply;
  for (int i = 0; i < 50; ++i) reply += "250-" + std::string(100, 'a') + "\r\n";
  EXPECT_EQ(answer(reply + "250 the end\r\n").text.size(), 1000U);
}

TEST(ReplyReader, RefusesTwoCodesInOneReply) {
  EXPECT_EQ(failure_of("250-one\r\n550 two\r\n"), std::errc::protocol_error);
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
  for (const char* const line : {"", " 250 ok", "25", "2500 ok", "250_ok", "250ok", "ok", "199 no", "600 no", "000 no",
                                 "HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.2"}) {
    EXPECT_EQ(failure_of(std::string(line) + "\r\n"), std::errc::protocol_error) << line;
  }
}

TEST(ReplyReader, RefusesLinesThatDoNotEndInCrLf) {
  EXPECT_EQ(failure_of("250 ok\n"), std::errc::protocol_error);
  EXPECT_EQ(failure_of("250-o\rk\r\n250 ok\r\n"), std::errc::protocol_error);
}

TEST(ReplyReader, RefusesMoreThanItTolerates) {
  ClientSettings settings;
  settings.reply_line = 20;
  settings.reply_lines = 3;
  EXPECT_EQ(failure_of("250-a\r\n250-b\r\n250 c\r\n", settings), std::error_code());
  EXPECT_EQ(failure_of("250-a\r\n250-b\r\n250-c\r\n250 d\r\n", settings), std::errc::protocol_error);
  EXPECT_EQ(failure_of("250 " + std::string(16, 'a') + "\r\n", settings), std::error_code());
  EXPECT_EQ(failure_of("250 " + std::string(17, 'a') + "\r\n", settings), std::errc::protocol_error);
  // A line without end is not waited for.
  EXPECT_EQ(failure_of(std::string(100'000, '2'), settings), std::errc::protocol_error);
}

TEST(ReplyReader, AServerThatClosesHasNotReplied) {
  for (const char* const beginning : {"", "2", "250", "250 ok", "250 ok\r", "250-ok\r\n", "250-ok\r\n250 o"}) {
    EXPECT_EQ(failure_of(beginning), net::make_error_code(net::Errc::peer_closed)) << beginning;
  }
}

TEST(ReplyReader, OneDeadlineIsForTheWholeReply) {
  boost::asio::io_context loop;
  std::error_code failure;
  int lines_said = 0;
  auto duplex = simulation::make_duplex(loop.get_executor());
  // A server that always has another line in time, until the client has gone.
  const net::Body drip = [&]() -> boost::asio::awaitable<void> {
    while (true) {
      const net::Wake wake = co_await duplex.server->wait_input(std::chrono::milliseconds(5));
      if (wake == net::Wake::input) break;
      ++lines_said;
      co_await duplex.server->write("250-more\r\n");
    }
  };
  net::start(loop.get_executor(), drip);
  net::run_on(loop, [&]() -> boost::asio::awaitable<void> {
    net::LineReader lines(*duplex.client);
    const ClientSettings settings{.reply_lines = 1'000'000};
    try {
      co_await read_reply(*duplex.client, lines, settings, std::chrono::milliseconds(100));
    } catch (const std::system_error& error) {
      failure = error.code();
    }
    co_await duplex.client->close();
  });
  loop.restart();
  loop.run();
  EXPECT_EQ(failure, std::errc::timed_out);
  EXPECT_GT(lines_said, 1);
}

TEST(Extensions, AreReadInAnyCaseAndOrder) {
  const std::vector<std::string> lines = {"mx.example greets you", "size 1000", "8BitMime", "PIPELINING",
                                          "X-OTHER a b",           "starttls"};
  Extensions expected;
  expected.eight_bit_mime = expected.pipelining = expected.starttls = true;
  expected.size = 1000;
  EXPECT_EQ(parse_extensions(lines), expected);
}

TEST(Extensions, TheFirstLineOnlyGreets) {
  const std::vector<std::string> lines = {"PIPELINING"};
  EXPECT_EQ(parse_extensions(lines), Extensions{});
  EXPECT_EQ(parse_extensions({}), Extensions{});
}

TEST(Extensions, ASizeThatIsNoNumberHasNoLimit) {
  for (const char* const size : {"SIZE", "SIZE ", "SIZE 0", "SIZE x", "SIZE 10k", "SIZE 99999999999999999999999"}) {
    const std::vector<std::string> lines = {"", size};
    EXPECT_EQ(parse_extensions(lines).size, 0U) << size;
  }
}

TEST(Extensions, AKeywordIsAWholeWord) {
  const std::vector<std::string> lines = {"", "PIPELININGX", "STARTTLS2", "SIZE=5", "X8BITMIME", ""};
  EXPECT_EQ(parse_extensions(lines), Extensions{});
}

}  // namespace
}  // namespace mailpod::smtp
