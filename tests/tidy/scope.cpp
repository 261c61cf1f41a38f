// A plugin that clang-tidy loads: has the checks look at what stands in our own files only. See tests/tidy.sh.

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

#include <memory>
#include <string>
#include <vector>

namespace {

class Scope : public clang::ASTConsumer {
public:
  void HandleTranslationUnit(clang::ASTContext& context) override {
    std::vector<clang::Decl*> own;
    // Not decls(): it would bring in all that the precompiled header knows, which nothing here asked for.
    for (clang::Decl* each : context.getTranslationUnitDecl()->noload_decls()) {
      if (!context.getSourceManager().isInSystemHeader(each->getLocation())) own.push_back(each);
    }
    context.setTraversalScope(own);
  }
};

class BeforeTheChecks : public clang::PluginASTAction {
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<Scope>();
  }
  bool ParseArgs(const clang::CompilerInstance&, const std::vector<std::string>&) override { return true; }
  ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<BeforeTheChecks> added("scope",
                                                                "what system headers declare is not looked at");

}  // namespace
