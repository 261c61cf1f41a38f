#include <gtest/gtest.h>

#include <mailpod/text/toml.hpp>

namespace mailpod::text {
namespace {

TomlTable parsed(std::string_view text, TomlSections sections = TomlSections::plain) {
  auto table = parse_toml(text, sections);
  EXPECT_TRUE(table) << text << ": " << table.error().what;
  return table ? *table : TomlTable{};
}

template <class T>
T value(std::string_view text) {
  const auto table = parsed(text);
  const auto found = table.entries.find("k");
  if (found == table.entries.end()) return {};
  const auto* typed = std::get_if<T>(&found->second.value);
  EXPECT_NE(typed, nullptr) << text;
  return typed == nullptr ? T{} : *typed;
}

TomlFault refusal(std::string_view text, TomlSections sections = TomlSections::plain) {
  const auto table = parse_toml(text, sections);
  EXPECT_FALSE(table) << text;
  return table ? TomlFault{} : table.error();
}

TEST(Toml, ReadsEveryKindOfStringAsTheSpecificationShowsIt) {
  EXPECT_EQ(value<std::string>("k = \"I'm \\\"quoted\\\". Jos\\u00E9\\tSF.\""), "I'm \"quoted\". Jos\xc3\xa9\tSF.");
  EXPECT_EQ(value<std::string>("k = \"\\U0001F600\\u20AC\""), "\xf0\x9f\x98\x80\xe2\x82\xac");
  EXPECT_EQ(value<std::string>("k = '<\\i\\c*\\s*>'"), "<\\i\\c*\\s*>");
  EXPECT_EQ(value<std::string>("k = \"\"\"\nRoses\nViolets\"\"\""), "Roses\nViolets");
  EXPECT_EQ(value<std::string>("k = \"\"\"The quick \\\n\n   brown\\\n  fox.\"\"\""), "The quick brownfox.");
  EXPECT_EQ(value<std::string>("k = \"\"\"\"two\"\" quotes\"\"\"\"\""), "\"two\"\" quotes\"\"");
  EXPECT_EQ(value<std::string>("k = '''\nThat's \\ still'''"), "That's \\ still");
  EXPECT_EQ(value<std::string>("k = ''"), "");
  EXPECT_EQ(value<std::string>("k = \"\""), "");
}

TEST(Toml, ReadsNumbersTimesAndLists) {
  EXPECT_EQ(value<std::int64_t>("k = -42 # comment"), -42);
  EXPECT_EQ(value<std::int64_t>("k = 9223372036854775807"), INT64_MAX);
  EXPECT_EQ(value<bool>("k = true"), true);
  EXPECT_EQ(value<base::Time>("k = 2026-01-01T00:00:00Z"), base::from_seconds(1767225600));
  EXPECT_EQ(value<base::Time>("k = 9999-12-31T23:59:59Z"), base::from_seconds(253402300799));
  EXPECT_EQ(value<std::vector<TomlValue>>("k = [ 1, # one\n  \"two\",\n\n [3], ]\n").size(), 3u);
  EXPECT_TRUE(value<std::vector<TomlValue>>("k=[]").empty());
}

TEST(Toml, KeepsWhatSignedFilesDoNotUseForItsReaderToRefuse) {
  for (const auto* text : {"k = 1.5", "k = 0x10", "k = 1_000", "k = 007", "k = +1", "k = -0", "k = inf",
                           "k = 2026-01-01", "k = 2026-01-01T00:00:00+01:00", "k = 2026-01-01T00:00:00.5Z",
                           "k = 2026-13-01T00:00:00Z", "k = 2026-02-30T00:00:00Z", "k = 1969-12-31T23:59:59Z",
                           "k = 2026-01-01T24:00:00Z", "k = 99999999999999999999"}) {
    static_cast<void>(value<TomlForeign>(text));
  }
}

TEST(Toml, ReadsSectionsAndTheirLines) {
  const auto table = parsed("a = 1\n[b] # section\nc = 2\n\n[[d]]\ne = 3\n[[d]]\ne = 4\n");
  EXPECT_EQ(table.entries.at("b").line, 2u);
  EXPECT_EQ(std::get<TomlTable>(table.entries.at("b").value).entries.at("c").line, 3u);
  const auto& many = std::get<std::vector<TomlValue>>(table.entries.at("d").value);
  ASSERT_EQ(many.size(), 2u);
  EXPECT_EQ(many[1].line, 7u);
}

TEST(Toml, RefusesEverythingElseWithItsLine) {
  struct Case {
    std::string_view text;
    std::size_t line;
  };
  for (const auto& [text, line] : std::initializer_list<Case>{{"a = 1\na = 2\n", 2},
                                                              {"[a]\n[a]\n", 2},
                                                              {"[[a]]\n[a]\n", 2},
                                                              {"[a]\n[[a]]\n", 2},
                                                              {"a = []\n[[a]]\n", 2},
                                                              {"a = [1]\n[[a]]\n", 2},
                                                              {"a = 1\n[a]\n", 2},
                                                              {"a.b = 1\n", 1},
                                                              {"[a.b]\n", 1},
                                                              {"\"a\" = 1\n", 1},
                                                              {"a = {b = 1}\n", 1},
                                                              {"a = 1 b = 2\n", 1},
                                                              {"a =\n", 1},
                                                              {"a\n", 1},
                                                              {"= 1\n", 1},
                                                              {"[a\n", 1},
                                                              {"[]\n", 1},
                                                              {"a = \"x\n\"\n", 1},
                                                              {"a = \"\\x41\"\n", 1},
                                                              {"a = \"\\ud800\"\n", 1},
                                                              {"a = \"\\U00110000\"\n", 1},
                                                              {"a = \"\\u12\"\n", 1},
                                                              {"a = \"\x01\"\n", 1},
                                                              {"a = 'x\n'\n", 1},
                                                              {"# \x7f\n", 1},
                                                              {"a = [1 2]\n", 1},
                                                              {"a = [1,,2]\n", 1},
                                                              {"a = [[[[[1]]]]]\n", 1},
                                                              {"\xc3\xa9 = 1\n", 1},
                                                              {"a = \xc3\xa9\n", 1},
                                                              {"a = 1\r\n", 1},
                                                              {"tyeb\xc7\x95 = \"x\"\n", 1}}) {
    const auto fault = refusal(text);
    EXPECT_EQ(fault.line, line) << text;
    EXPECT_FALSE(fault.what.empty()) << text;
  }
  for (const auto* unfinished : {"a = \"x", "a = \"\"\"x\"\"", "a = '''x''", "a = [1,", "a = \"\\", "a = \"\\u1",
                                 "a = \"\"\"\"\"\"\"\"\"\"", "["}) {
    EXPECT_FALSE(refusal(unfinished).what.empty()) << unfinished;
  }
}

TEST(Toml, KeepsADottedSectionWholeWhereDotsAreAllowed) {
  const auto table = parsed("[a]\nb = 1\n[a.b]\nc = 2\n[a.b.c]\n", TomlSections::dotted);
  EXPECT_EQ(table.entries.size(), 3u);
  EXPECT_EQ(std::get<TomlTable>(table.entries.at("a.b").value).entries.at("c").line, 4u);
  for (const auto* text : {"[.a]", "[a.]", "[a..b]", "[a .b]", "a.b = 1", "[a.b]\n[a.b]"})
    EXPECT_FALSE(refusal(text, TomlSections::dotted).what.empty()) << text;
}

TEST(Toml, TakesNoMoreStackForALongerFile) {
  std::string name = "a";
  for (int i = 0; i < 500'000; ++i) name += ".a";
  EXPECT_EQ(parsed("[" + name + "]\nb = 1\n", TomlSections::dotted).entries.count(name), 1u);
  EXPECT_EQ(refusal("a = " + std::string(1'000'000, '[')).what, "lists are nested too deeply");
}

TEST(Toml, ReadsBackWhatItQuotes) {
  std::string every;
  for (int i = 1; i < 128; ++i) every += static_cast<char>(i);
  every += "\xc3\xa9\xf0\x9f\x98\x80";
  EXPECT_EQ(value<std::string>("k = " + text::quoted(every)), every);
  EXPECT_EQ(value<std::string>("k = " + quoted_lines("\n" + every + "\"\"\"")), "\n" + every + "\"\"\"");
}

}  // namespace
}  // namespace mailpod::text
