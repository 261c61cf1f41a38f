#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/net/stream.hpp>

namespace mailpod::simulation {

class Time;

/// How a connection breaks: both ends hear so at once; both read an end, and whoever writes does not notice; or nobody
/// hears of anything, and what is written gets lost.
enum class Cut { resets, ends, falls_silent };

/// How a simulated connection behaves. One seed decides everything.
struct Wire {
  std::uint64_t seed = 0;               ///< 0: reads get all that is there; else pieces of random sizes
  std::size_t max_piece = 7;            ///< octets of the largest random piece
  std::optional<std::uint64_t> cut_at;  ///< the connection breaks once so many octets went through, both ways together
  Cut cut = Cut::resets;
  bool secure = false;     ///< claims TLS from the beginning
  bool offers_tls = true;  ///< start_tls() turns secure() on; the octets stay clear
  /// TLS begins when both ends have asked for it, as with a real peer; else one end's wish is enough for both.
  bool handshake = false;
  bool handshake_fails = false;            ///< the two cannot agree
  bool verified = true;                    ///< the server's certificate is good for whatever name it is asked for
  bool matches_tlsa = true;                ///< it is good for whatever TLSA records it is asked for
  Time* time = nullptr;                    ///< where deadlines live; else on real timers. Borrowed
  std::chrono::microseconds max_pause{0};  ///< the longest random pause before a piece arrives
  net::Endpoint client{"192.0.2.1", 49152};
  net::Endpoint server{"198.51.100.1", 25};
};

/// What both sides wrote, in order.
struct Transcript {
  enum class From { client, server };
  struct Piece {
    From from;
    std::string octets;
  };
  std::vector<Piece> pieces;  ///< neighbours of one side are joined
  /// All octets of one side.
  std::string of(From side) const;
};

/// Two ends of one connection in memory, on one loop. Nothing happens but on that loop.
struct Duplex {
  std::unique_ptr<net::Stream> client;
  std::unique_ptr<net::Stream> server;
  std::shared_ptr<Transcript> transcript;
  /// The connection breaks now, and what is on its way is lost. Does nothing when both ends are gone.
  std::function<void()> sever;
};

Duplex make_duplex(boost::asio::any_io_executor loop, Wire wire = {});

}  // namespace mailpod::simulation
