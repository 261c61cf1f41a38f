#include <gtest/gtest.h>

#include <algorithm>

#include "qr_code.hpp"

namespace mailpod::daemon {
namespace {

const std::string link = "MAILPOD:MAIL.EXAMPLE.ORG/04106-1050R-3GG28-A1C60-T3GF20-0";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// The characters of one line, two modules each: a full block, the upper half, the lower half, a space.
std::vector<std::string> characters_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = line[at] == ' ' ? 1 : 3;
    out.push_back(line.substr(at, length));
    at += length;
  }
  return out;
}

TEST(QrCode, HasItsThreeCornersAndIsSmall) {
  const auto code = QrCode::of(link);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->size(), 29u) << "version 3: 61 characters of the small alphabet";
  const auto is_corner = [&](std::size_t left, std::size_t top) {
    bool is = true;
    for (std::size_t y = 0; y < 7; ++y) {
      for (std::size_t x = 0; x < 7; ++x) {
        const auto edge = std::min({x, y, 6 - x, 6 - y});
        is = is && code->is_dark(left + x, top + y) == (edge != 1);
      }
    }
    return is;
  };
  EXPECT_TRUE(is_corner(0, 0));
  EXPECT_TRUE(is_corner(22, 0));
  EXPECT_TRUE(is_corner(0, 22));
  EXPECT_FALSE(is_corner(22, 22));
  EXPECT_FALSE(code->is_dark(29, 0)) << "beside it is light";
}

TEST(QrCode, OfTheSameTextIsTheSameAndOfAnotherIsNot) {
  EXPECT_EQ(svg_picture(*QrCode::of(link)), svg_picture(*QrCode::of(link)));
  EXPECT_NE(svg_picture(*QrCode::of(link)), svg_picture(*QrCode::of(link + "1")));
}

TEST(QrCode, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(QrCode::of(""));
  EXPECT_FALSE(QrCode::of(std::string(1001, 'A')));
  EXPECT_FALSE(QrCode::of(std::string_view("A\0B", 3)));
  EXPECT_TRUE(QrCode::of(std::string(1000, 'a')));
}

TEST(QrCode, IsDrawnInHalfBlocksModuleByModule) {
  const auto code = *QrCode::of(link);
  const auto lines = lines_of(terminal_picture(code, Colours::none));
  ASSERT_EQ(lines.size(), (29u + 8 + 1) / 2);
  for (std::size_t row = 0; row < lines.size(); ++row) {
    const auto drawn = characters_of(lines[row]);
    ASSERT_EQ(drawn.size(), 29u + 8);
    for (std::size_t x = 0; x < drawn.size(); ++x) {
      const bool above = drawn[x] == "\u2588" || drawn[x] == "\u2580";
      const bool below = drawn[x] == "\u2588" || drawn[x] == "\u2584";
      EXPECT_EQ(above, !code.is_dark(x - 4, 2 * row - 4));
      const bool is_inside = 2 * row + 1 < 29 + 8;
      EXPECT_EQ(below, is_inside && !code.is_dark(x - 4, 2 * row + 1 - 4));
    }
  }
  const auto coloured = terminal_picture(code, Colours::ansi);
  EXPECT_EQ(std::ranges::count(coloured, '\x1b'), static_cast<std::ptrdiff_t>(2 * lines.size()))
      << "each line ends its colours";
}

TEST(QrCode, IsWrittenAsAPictureModuleByModule) {
  const auto code = *QrCode::of(link);
  const auto svg = svg_picture(code);
  std::size_t dark = 0;
  for (std::size_t y = 0; y < code.size(); ++y) {
    for (std::size_t x = 0; x < code.size(); ++x) {
      const auto mark = "M" + std::to_string((x + 4) * 10) + " " + std::to_string((y + 4) * 10) + "h10v10h-10z";
      EXPECT_EQ(svg.find(mark) != std::string::npos, code.is_dark(x, y));
      if (code.is_dark(x, y)) ++dark;
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(svg, 'M')), dark);
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("viewBox=\"0 0 370 370\""), std::string::npos);
}

}  // namespace
}  // namespace mailpod::daemon
