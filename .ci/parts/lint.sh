# Every linter and type checker.
step "lint"
.ci/lint
