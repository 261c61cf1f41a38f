#include "qr_code.hpp"

#include <memory>

#include <fmt/format.h>

#include <qrencode.h>

namespace mailpod::daemon {
namespace {

constexpr std::size_t longest = 1000;  // octets
constexpr std::size_t margin = 4;      // modules: ISO/IEC 18004 §5.3.8

}  // namespace

std::optional<QrCode> QrCode::of(std::string_view text) {
  if (text.empty() || text.size() > longest || text.find('\0') != std::string_view::npos) return std::nullopt;
  // A quarter of it may be smudged: it is printed, and photographed from screens.
  constexpr auto correction = QR_ECLEVEL_M;
  constexpr int smallest_that_fits = 0;
  constexpr int as_written = 1;
  const std::unique_ptr<QRcode, void (*)(QRcode*)> made(
      QRcode_encodeString(std::string(text).c_str(), smallest_that_fits, correction, QR_MODE_8, as_written),
      QRcode_free);
  if (made == nullptr) return std::nullopt;
  const auto size = static_cast<std::size_t>(made->width);
  std::vector<bool> modules;
  for (std::size_t i = 0; i < size * size; ++i) modules.push_back((made->data[i] & 1U) != 0);
  return QrCode(size, std::move(modules));
}

std::string terminal_picture(const QrCode& code, Colours colours) {
  const std::size_t across = code.size() + 2 * margin;
  const auto is_light = [&](std::size_t x, std::size_t y) {
    // The last row may have nothing below it.
    return y < across && !code.is_dark(x - margin, y - margin);
  };
  std::string out;
  for (std::size_t y = 0; y < across; y += 2) {
    if (colours == Colours::ansi) out += "\x1b[97;40m";
    for (std::size_t x = 0; x < across; ++x) {
      const bool above = is_light(x, y);
      const bool below = is_light(x, y + 1);
      out += above && below ? "\u2588" : above ? "\u2580" : below ? "\u2584" : " ";
    }
    if (colours == Colours::ansi) out += "\x1b[0m";
    out += '\n';
  }
  return out;
}

std::string svg_picture(const QrCode& code) {
  constexpr std::size_t unit = 10;
  const std::size_t across = (code.size() + 2 * margin) * unit;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" viewBox=\"0 0 {0} {0}\" width=\"{0}\" "
      "height=\"{0}\">\n"
      "<rect width=\"{0}\" height=\"{0}\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"",
      across);
  for (std::size_t y = 0; y < code.size(); ++y) {
    for (std::size_t x = 0; x < code.size(); ++x) {
      if (code.is_dark(x, y))
        out += fmt::format("M{} {}h{}v{}h-{}z", (x + margin) * unit, (y + margin) * unit, unit, unit, unit);
    }
  }
  return out + "\"/>\n</svg>\n";
}

}  // namespace mailpod::daemon
