#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <zlib.h>

namespace mailpod::message::test {

/// A ZIP archive as programs write it, file by file.
class ZipArchive {
public:
  enum class Way { stored, deflated, described_behind };
  ZipArchive& add(std::string_view name, std::string_view octets, Way way = Way::deflated) {
    const auto packed = way == Way::stored ? std::string(octets) : deflated(octets);
    const bool behind = way == Way::described_behind;
    const auto size = static_cast<std::uint32_t>(packed.size());
    out_ += "PK\x03\x04";
    number(20, 2).number(behind ? 8 : 0, 2).number(way == Way::stored ? 0 : 8, 2).number(0, 4).number(0x1234'5678, 4);
    number(behind ? 0 : size, 4).number(behind ? 0 : static_cast<std::uint32_t>(octets.size()), 4);
    number(static_cast<std::uint32_t>(name.size()), 2).number(3, 2);
    out_ += name;
    out_ += "ext" + packed;
    if (behind) {
      out_ += "PK\x07\x08";
      number(0x1234'5678, 4).number(size, 4).number(static_cast<std::uint32_t>(octets.size()), 4);
    }
    return *this;
  }
  /// With the beginning of its directory.
  std::string str() const { return out_ + "PK\x01\x02" + std::string(42, '\0'); }

private:
  static std::string deflated(std::string_view octets) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
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
  ZipArchive& number(std::uint32_t value, int octets) {
    for (; octets > 0; --octets, value >>= 8U) out_ += static_cast<char>(value & 0xFFU);
    return *this;
  }

  std::string out_;
};

}  // namespace mailpod::message::test
