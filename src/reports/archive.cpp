#include <mailpod/reports/archive.hpp>

#include <algorithm>
#include <new>

#include <zlib.h>

namespace mailpod::reports {

namespace {

// For zlib: the largest window, and what stands around the deflated octets.
constexpr int gzip_window = 15 + 16;
constexpr int bare_window = -15;
constexpr std::size_t step = 64 * 1024;  // octets unpacked at once

constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zip_magic("PK\x03\x04", 4);

/// zlib's, ended with it.
class Inflation {
public:
  explicit Inflation(int window) {
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
  }
  ~Inflation() { inflateEnd(&stream_); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  Result<std::string> run(std::string_view octets, std::uint64_t limit) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
    stream_.avail_in = static_cast<uInt>(octets.size());
    std::string out;
    while (true) {
      const std::size_t before = out.size();
      out.resize(before + step);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = static_cast<uInt>(step);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      out.resize(out.size() - stream_.avail_out);
      if (out.size() > limit) return Errc::too_big;
      if (result == Z_STREAM_END) return out;
      // Z_BUF_ERROR: the octets end before the archive does.
      if (result != Z_OK) return Errc::malformed;
    }
  }

private:
  z_stream stream_{};
};

std::uint32_t little_endian(std::string_view octets, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(octets[at + i]);
  return value;
}

/// The first file of an archive, by the header that stands before it: PKWARE's APPNOTE 4.3.7.
Result<std::string> unzipped(std::string_view octets, std::uint64_t limit) {
  constexpr std::size_t header = 30;
  constexpr std::size_t method_at = 8;
  constexpr std::size_t size_at = 18;
  constexpr std::size_t name_length_at = 26;
  constexpr std::size_t extra_length_at = 28;
  constexpr std::uint32_t stored = 0;
  constexpr std::uint32_t deflated = 8;
  if (octets.size() < header) return Errc::malformed;
  const std::size_t begin =
      header + little_endian(octets, name_length_at, 2) + little_endian(octets, extra_length_at, 2);
  if (begin > octets.size()) return Errc::malformed;
  const std::string_view data = octets.substr(begin);
  const std::uint32_t method = little_endian(octets, method_at, 2);
  if (method == deflated) return Inflation(bare_window).run(data, limit);
  const std::uint32_t size = little_endian(octets, size_at, 4);
  if (method != stored || size > data.size()) return Errc::malformed;
  if (size > limit) return Errc::too_big;
  return std::string(data.substr(0, size));
}

}  // namespace

Result<std::string> unpacked(std::string_view octets, const ArchiveLimits& limits) {
  if (octets.size() > limits.octets) return Errc::too_big;
  if (octets.starts_with(gzip_magic)) return Inflation(gzip_window).run(octets, limits.octets);
  if (octets.starts_with(zip_magic)) return unzipped(octets, limits.octets);
  return std::string(octets);
}

std::string gzipped(std::string_view octets) {
  z_stream stream{};
  constexpr int memory_level = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, octets.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  stream.avail_in = static_cast<uInt>(octets.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace mailpod::reports
