#!/usr/bin/env bash
# Runs every suite even when one fails, so that one look shows all failures.
#   scripts/test.sh core   what needs PostgreSQL and libmongoc only
#   scripts/test.sh rest   what core leaves out: foreign clients, the browser, long runs
#   scripts/test.sh soak   campaigns that take an hour and more: every place where a sync can be cut off; init on 200 random collections
set -uo pipefail
# What a shell starts in the background ignores Ctrl-C, and so would every command under test.
if [[ -z ${QUALITY_TEST_SIGNALS-} ]] && env --default-signal=INT,QUIT true 2>/dev/null; then
  QUALITY_TEST_SIGNALS=default exec env --default-signal=INT,QUIT "$0" "$@"
fi
cd "$(dirname "$0")/.."

status=0
run() { dotnet test "$@" -c Release --tl:off --nologo --logger 'console;verbosity=minimal' || status=1; }

suites=(Etl.Tests Chaos.Tests Quality.Tests Robustness.Tests)
case ${1:-} in
  core) filter='Category!=Foreign&Category!=Browser&Category!=Long&Category!=Soak' ;;
  rest) filter='(Category=Foreign|Category=Browser|Category=Long)&Category!=Soak' ;;
  soak) filter='Category=Soak' suites=(Etl.Tests Quality.Tests) ;;
  *) echo "usage: $0 core|rest|soak" >&2; exit 64 ;;
esac
for suite in "${suites[@]}"; do run "tests/$suite" --filter "$filter"; done
[[ $1 != rest ]] || run tests/Browser.Tests
exit $status
