#pragma once

#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace mailpod::net {

/// The other side of a connection under test: a blocking socket, with TLS if wanted. Owns the descriptor.
class BlockingClient {
public:
  explicit BlockingClient(int descriptor) : descriptor_(descriptor) {}
  /// Connects to 127.0.0.1.
  static BlockingClient connect(unsigned short port);
  ~BlockingClient();
  BlockingClient(BlockingClient&& other) noexcept;
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  /// False if the handshake failed. `max_version` of OpenSSL, 0 for the newest.
  bool start_tls(const std::string& server_name = {}, int max_version = 0);
  /// For start_tls(): as an older program, whose master secrets may be another connection's too.
  void forgo_extended_master_secret() { extended_master_secret_ = false; }
  /// The common name of the certificate we were shown.
  std::string shown_name() const;
  std::string exporter_binding() const;
  /// SHA-256 of that certificate.
  std::string end_point_binding() const;
  /// A TLS record that carries no application data (TLS 1.3 KeyUpdate).
  void send_key_update();

  void send(std::string_view octets);
  /// Exactly so many octets, or fewer if the connection ended.
  std::string receive(std::size_t count);
  /// Everything until the connection ends.
  std::string receive_all();
  void close();
  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
  bool extended_master_secret_ = true;
  ssl_ctx_st* settings_ = nullptr;
  ssl_st* session_ = nullptr;
};

/// Two connected sockets.
struct SocketPair {
  SocketPair();
  int ours;
  int theirs;
};

}  // namespace mailpod::net
